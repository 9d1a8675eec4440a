package org.damson.trace;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * The file system of this machine, made to fail: the calls that change something (create, write, sync, rename, delete)
 * are counted, and those from {@link #failFrom} to {@link #failTo} fail or write short. {@link #path} gives a path into
 * it; everything else is the real thing, except that a sync does not wait for the disk.
 */
final class FaultyFiles extends FileSystemProvider {
    /** What goes wrong. */
    enum Fault {
        NO_SPACE("No space left on device"),
        IO_ERROR("Input/output error"),
        /** A write writes one byte only; other calls succeed. */
        SHORT_WRITE(null),
        /** A sync fails, and what was written since the last one is gone: zeros. Later syncs succeed. Other calls do. */
        SYNC_LOSES("Input/output error");

        private final String message;

        Fault(String message) {
            this.message = message;
        }
    }

    private final Fault fault;
    private final FileSystem fileSystem = new Files();
    private long calls;
    private long failFrom = Long.MAX_VALUE;
    private long failTo = Long.MAX_VALUE;

    FaultyFiles(Fault fault) {
        this.fault = fault;
    }

    /** Calls {@code from} to {@code to}, counted from 1, fail. */
    synchronized void fail(long from, long to) {
        failFrom = from;
        failTo = to;
    }

    synchronized long calls() {
        return calls;
    }

    Path path(Path real) {
        return (Path) Proxy.newProxyInstance(
                Real.class.getClassLoader(), new Class<?>[] {Path.class, Real.class}, (proxy, method, args) -> {
                    switch (method.getName()) {
                        case "real":
                            return real;
                        case "getFileSystem":
                            return fileSystem;
                        default:
                    }
                    Object[] plain = args == null ? new Object[0] : args.clone();
                    for (int i = 0; i < plain.length; i++) {
                        plain[i] = plain[i] instanceof Real r ? r.real() : plain[i];
                    }
                    try {
                        Object result = method.invoke(real, plain);
                        return result instanceof Path p ? path(p) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private interface Real {
        Path real();
    }

    private static Path real(Path path) {
        return path instanceof Real r ? r.real() : path;
    }

    private static FileSystemProvider provider(Path path) {
        return real(path).getFileSystem().provider();
    }

    private synchronized boolean isNow() {
        calls++;
        return calls >= failFrom && calls <= failTo;
    }

    private void change(String what) throws IOException {
        if (isNow() && fault.message != null && fault != Fault.SYNC_LOSES) {
            throw new FileSystemException(what, null, fault.message);
        }
    }

    private final class Channel extends FileChannel {
        private final FileChannel real;
        private final String name;
        private long synced;
        private boolean isWritten;

        Channel(FileChannel real, String name) {
            this.real = real;
            this.name = name;
        }

        /** How many bytes may be written now; a failing disk may have taken some of them. */
        private ByteBuffer allowed(ByteBuffer bytes) throws IOException {
            isWritten = true;
            if (!isNow() || fault == Fault.SYNC_LOSES) {
                return bytes;
            }
            if (fault == Fault.SHORT_WRITE) {
                return bytes.slice().limit(Math.min(1, bytes.remaining()));
            }
            real.write(bytes.slice().limit(bytes.remaining() / 2), real.size());
            throw new IOException(fault.message);
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            int n = real.write(allowed(bytes).slice());
            bytes.position(bytes.position() + n);
            return n;
        }

        @Override
        public int write(ByteBuffer bytes, long position) throws IOException {
            int n = real.write(allowed(bytes).slice(), position);
            bytes.position(bytes.position() + n);
            return n;
        }

        @Override
        public long write(ByteBuffer[] bytes, int offset, int length) throws IOException {
            long sum = 0;
            for (int i = offset; i < offset + length; i++) {
                sum += write(bytes[i]);
            }
            return sum;
        }

        @Override
        public void force(boolean metadata) throws IOException {
            if (fault != Fault.SYNC_LOSES) {
                change(name);
            } else if (isNow() && isWritten) {
                long size = real.size();
                real.write(ByteBuffer.allocate((int) (size - synced)), synced);
                throw new IOException(fault.message);
            } else {
                synced = real.size();
            }
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            change(name);
            real.truncate(size);
            return this;
        }

        @Override
        public int read(ByteBuffer bytes) throws IOException {
            return real.read(bytes);
        }

        @Override
        public long read(ByteBuffer[] bytes, int offset, int length) throws IOException {
            return real.read(bytes, offset, length);
        }

        @Override
        public int read(ByteBuffer bytes, long position) throws IOException {
            return real.read(bytes, position);
        }

        @Override
        public long position() throws IOException {
            return real.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            real.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            return real.transferTo(position, count, target);
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) throws IOException {
            change(name);
            return real.transferFrom(source, position, count);
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
            return real.map(mode, position, size);
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) throws IOException {
            return real.lock(position, size, shared);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return real.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        boolean creates = options.contains(StandardOpenOption.CREATE_NEW)
                || options.contains(StandardOpenOption.CREATE)
                        && !java.nio.file.Files.exists(real(path), LinkOption.NOFOLLOW_LINKS);
        if (creates) {
            change(path.toString());
        }
        return new Channel(provider(path).newFileChannel(real(path), options, attributes), path.toString());
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public void createDirectory(Path dir, FileAttribute<?>... attributes) throws IOException {
        change(dir.toString());
        provider(dir).createDirectory(real(dir), attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
        provider(path).delete(real(path));
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
        change(from.toString());
        provider(from).move(real(from), real(to), options);
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path dir, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        DirectoryStream<Path> plain = provider(dir).newDirectoryStream(real(dir), p -> filter.accept(path(p)));
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                Iterator<Path> i = plain.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return i.hasNext();
                    }

                    @Override
                    public Path next() {
                        return path(i.next());
                    }
                };
            }

            @Override
            public void close() throws IOException {
                plain.close();
            }
        };
    }

    @Override
    public boolean isSameFile(Path a, Path b) throws IOException {
        return provider(a).isSameFile(real(a), real(b));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return provider(path).isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return provider(path).getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        provider(path).checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return provider(path).getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return provider(path).readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return provider(path).readAttributes(real(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        provider(path).setAttribute(real(path), attribute, value, options);
    }

    @Override
    public String getScheme() {
        return "faulty";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return fileSystem;
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    private final class Files extends FileSystem {
        private final FileSystem real = java.nio.file.FileSystems.getDefault();

        @Override
        public FileSystemProvider provider() {
            return FaultyFiles.this;
        }

        @Override
        public void close() {}

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return real.getSeparator();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            return real.getRootDirectories();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return real.getFileStores();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return real.supportedFileAttributeViews();
        }

        @Override
        public Path getPath(String first, String... more) {
            return path(real.getPath(first, more));
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            return real.getPathMatcher(pattern);
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            return real.getUserPrincipalLookupService();
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }
}
