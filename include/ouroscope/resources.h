/* The trace of what this process uses, which the library itself makes once in a
 * configured period (TraceOptionResourceFrequency). Part of the catalogue of node.h. */
#ifndef OUROSCOPE_RESOURCES_H
#define OUROSCOPE_RESOURCES_H

#include <ouroscope/point.h>

/* The order is that of the reader's enum resource_member (logs/event.h). */
#define NODE_RESOURCES_FIELDS(F)                                                                \
    F(i64, centi_cpu, "CentiCpu", OU_DMINIMAL, "CPU time used, user and system, in 1/100 s")    \
    F(i64, centi_gc, "CentiGC", OU_DMINIMAL, "of that in garbage collection; 0 in a C program") \
    F(i64, centi_mut, "CentiMut", OU_DMINIMAL, "of that outside of garbage collection")         \
    F(i64, gcs_major, "GcsMajor", OU_DMINIMAL, "major garbage collections; 0 in a C program")   \
    F(i64, gcs_minor, "GcsMinor", OU_DMINIMAL, "minor garbage collections; 0 in a C program")   \
    F(i64, rss, "RSS", OU_DMINIMAL, "resident memory, in bytes")                                \
    F(i64, heap, "Heap", OU_DMINIMAL, "memory of the heap, in bytes")                           \
    F(i64, live, "Live", OU_DMINIMAL, "of the heap, bytes in use")                              \
    F(i64, alloc, "Alloc", OU_DMINIMAL,                                                         \
      "bytes allocated so far on a collected heap; 0 in a C program")                           \
    F(i64, centi_blk_io, "CentiBlkIO", OU_DMINIMAL,                                             \
      "time spent waiting for block devices, 1/100 s")                                          \
    F(i64, net_rd, "NetRd", OU_DMINIMAL, "bytes received by the machine")                       \
    F(i64, net_wr, "NetWr", OU_DMINIMAL, "bytes sent by the machine")                           \
    F(i64, fs_rd, "FsRd", OU_DMINIMAL, "bytes read from storage")                               \
    F(i64, fs_wr, "FsWr", OU_DMINIMAL, "bytes written to storage")                              \
    F(i64, threads, "Threads", OU_DMINIMAL, "threads of the process")

OU_TRACE_POINT(
    node_resources, "Resources", OU_INFO, OU_PUBLIC, NODE_RESOURCES_FIELDS,
    "What the process has used since it began. CPU, input and output are cumulative: "
    "the difference of two lines is the use between them.",
    .kind = "ResourceStats", .human = "CPU {centi_cpu} cs, memory {rss} bytes, {threads} threads",
    .metrics = OU_METRICS(
        { OU_GAUGE, "Stat.cputicks", "CPU time used, 1/100 s",
          OU_FIELD(node_resources, centi_cpu) },
        { OU_GAUGE, "Mem.resident", "bytes of resident memory", OU_FIELD(node_resources, rss) },
        { OU_GAUGE, "RTS.gcLiveBytes", "bytes of the heap in use", OU_FIELD(node_resources, live) },
        { OU_GAUGE, "RTS.gcHeapBytes", "bytes of the heap", OU_FIELD(node_resources, heap) },
        { OU_GAUGE, "RTS.gcMajorNum", "major garbage collections",
          OU_FIELD(node_resources, gcs_major) },
        { OU_GAUGE, "RTS.gcMinorNum", "minor garbage collections",
          OU_FIELD(node_resources, gcs_minor) },
        { OU_GAUGE, "RTS.gcticks", "CPU time of garbage collection, 1/100 s",
          OU_FIELD(node_resources, centi_gc) },
        { OU_GAUGE, "RTS.mutticks", "CPU time outside of garbage collection, 1/100 s",
          OU_FIELD(node_resources, centi_mut) },
        { OU_GAUGE, "RTS.threads", "threads of the process", OU_FIELD(node_resources, threads) }));

#endif
