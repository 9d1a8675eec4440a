/* A text in a file of the test's own, whose name it returns: the same every time. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *written(const char *text)
{
	static char name[] = "/tmp/accessgen-test-XXXXXX";
	static int made;
	FILE *f;

	if (!made++)
		close(mkstemp(name));
	f = fopen(name, "w");
	fputs(text, f);
	fclose(f);
	return name;
}
