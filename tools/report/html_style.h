/*
 * The style sheet of the HTML report: light and dark by the reader's preference, system fonts, prints well.
 */
#ifndef RACE_TOOLS_HTML_STYLE_H
#define RACE_TOOLS_HTML_STYLE_H

extern const char html_style[];

#endif
