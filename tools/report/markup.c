#include "markup.h"

#include <stddef.h>
#include <stdint.h>

/* Decodes one UTF-8 character; *nbytes is at least 1. 0xfffd for what is broken or not allowed in XML 1.0. */
static uint32_t decode(const unsigned char *text, size_t *nbytes)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : text[0] >= 0xc0 ? 2 : 1, index;
	uint32_t value = length == 1 ? text[0] : text[0] & (0x7fU >> length);

	*nbytes = 1;
	for (index = 1; index < length; index++) {
		if ((text[index] & 0xc0) != 0x80)
			return 0xfffd;
		value = value << 6 | (text[index] & 0x3f);
	}
	if ((length == 1 && text[0] >= 0x80) || value < least[length] || value > 0x10ffff)
		return 0xfffd;
	*nbytes = length;
	if (value == '\t' || value == '\n' || value == '\r')
		return value;
	return value < 0x20 || (value >= 0xd800 && value < 0xe000) || value == 0xfffe || value == 0xffff ? 0xfffd : value;
}

void markup_text(FILE *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t length;
	uint32_t value;

	for (; at && *at; at += length) {
		value = decode(at, &length);
		switch (value) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		case '\'': fputs("&#39;", out); break;
		case 0xfffd: fputs("\xef\xbf\xbd", out); break;
		default: fwrite(at, 1, length, out);
		}
	}
}
