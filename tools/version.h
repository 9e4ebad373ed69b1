/*
 * The version that --version, JSON, SARIF and JUnit carry.
 */
#ifndef RACE_TOOLS_VERSION_H
#define RACE_TOOLS_VERSION_H

#ifndef RACE_VERSION
#define RACE_VERSION "0.1.0"
#endif

#endif
