package org.apache.parquet;

import java.util.Map;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.format.converter.ParquetMetadataConverter;

/**
 * Makes read options without Hadoop. The public builder creates Hadoop's codec factory before it can be given another
 * one; the constructor is package-private, hence this class in a foreign package.
 */
public final class DamsonReadOptions {
    private static final int MAX_ALLOCATION_BYTES = 8 << 20;

    private DamsonReadOptions() {}

    /** Options that verify page checksums and use {@code codecs}. */
    public static ParquetReadOptions create(CompressionCodecFactory codecs) {
        return new ParquetReadOptions(
                false,
                false,
                false,
                false,
                false,
                true,
                false,
                false,
                false,
                FilterCompat.NOOP,
                ParquetMetadataConverter.NO_FILTER,
                codecs,
                new HeapByteBufferAllocator(),
                MAX_ALLOCATION_BYTES,
                Map.of(),
                null,
                null,
                new PlainParquetConfiguration());
    }
}
