/* A header with a trace point that a program and its plugin include. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <ouroscope/trace.h>

#define SHARED_FIELDS(F) F(text, who, "who", OU_DMINIMAL, "who traces")

OU_TRACE_POINT(shared, "Plugin.Shared", OU_INFO, OU_PUBLIC, SHARED_FIELDS,
               "Traced by the program and by its plugin.");

#endif
