/* An analysis file made by hand, for the tests of what reads it: three blocks of
 * which two were accepted, two hosts. */
#ifndef OU_STUDY_SAMPLE_ANALYSIS_TEST_H
#define OU_STUDY_SAMPLE_ANALYSIS_TEST_H

/* Each quantile has its own fraction for a value. */
#define SAMPLE_QUANTILES                                                                \
    "[[0,0],[0.01,0.01],[0.05,0.05],[0.1,0.1],[0.2,0.2],[0.3,0.3],[0.4,0.4],[0.5,0.5]," \
    "[0.6,0.6],[0.7,0.7],[0.75,0.75],[0.8,0.8],[0.85,0.85],[0.875,0.875],[0.9,0.9],"    \
    "[0.925,0.925],[0.95,0.95],[0.97,0.97],[0.98,0.98],[0.99,0.99],[0.995,0.995],"      \
    "[0.997,0.997],[0.998,0.998],[0.999,0.999],[0.9995,0.9995],[0.9997,0.9997],"        \
    "[0.9998,0.9998],[0.9999,0.9999],[1,1]]"

#define SAMPLE_ANALYSIS                                                                     \
    "{\"schema\": 1,\n"                                                                     \
    " \"run\": {\"tag\": \"t1\", \"ident\": \"v1\", \"profile\": \"ci-test\","              \
    "  \"era\": \"conway\", \"compiler\": \"gcc 12\", \"nodeVersion\": \"0.1.0\","          \
    "  \"machine\": \"x86_64, 2 cores\", \"batch\": \"\","                                  \
    "  \"design\": {\"series\": \"s\", \"block\": 2, \"position\": 1},"                     \
    "  \"workload\": {\"tps\": 15, \"utxo\": null}},\n"                                     \
    " \"genesis\": {\"systemStart\": \"2026-11-22T14:43:12Z\", \"epochLength\": 600,"       \
    "  \"activeSlotsCoeff\": 0.05},\n"                                                      \
    " \"options\": {\"compat\": null, \"quantiles\": \"type 7\"},\n"                        \
    " \"findings\": [{\"severity\": \"warning\", \"text\": \"one\"},"                       \
    "  {\"severity\": \"note\", \"code\": \"coarse-stamps\", \"text\": \"two\"},"           \
    "  {\"severity\": \"error\", \"text\": \"three\"}],\n"                                  \
    " \"filters\": [{\"name\": \"all\"}],\n"                                                \
    " \"hosts\": [{\"host\": \"b\", \"clusterMember\": true, \"missedSlots\": 2,"           \
    "   \"checkedSlots\": 50},"                                                             \
    "  {\"host\": \"a\", \"clusterMember\": true, \"missedSlots\": 1,"                      \
    "   \"checkedSlots\": 50}],\n"                                                          \
    " \"metrics\": {\"endtoend\": {\"cdf0.50\": {\"n\": 2, \"mean\": 1.5, \"median\": 1.5," \
    "   \"sd\": 0.5, \"min\": 1, \"max\": 2, \"quantiles\": " SAMPLE_QUANTILES "}},"        \
    "  \"machperf\": {\"CentiCpu\": {\"n\": 8, \"mean\": 4, \"median\": 4, \"sd\": 1,"      \
    "   \"min\": 1, \"max\": 9, \"quantiles\": " SAMPLE_QUANTILES ","                       \
    "   \"hosts\": {\"a\": [4, 3, 0.5], \"b\": [4, 5, 0.5]}},"                              \
    "   \"RSS\": {\"value\": null, \"reason\": \"not told\"}},"                             \
    "  \"summary\": {\"era\": {\"value\": \"conway\"}, \"tps\": {\"value\": 15}}},\n"       \
    " \"chain\": {\"chained\": 3, \"unchained\": 1,"                                        \
    "  \"blockMetrics\": [\"endtoend/cdf0.50\", \"new/metric\"],"                           \
    "  \"blocks\": ["                                                                       \
    "   {\"number\": 1, \"slot\": 10, \"accepted\": true, \"forger\": \"a\","               \
    "    \"slotStart\": \"2026-11-22T14:43:22Z\", \"battles\": 1, \"values\": [1, 7]},"     \
    "   {\"number\": 2, \"slot\": 20, \"accepted\": false, \"battles\": 5},"                \
    "   {\"number\": 3, \"slot\": 30, \"accepted\": true, \"battles\": 0,"                  \
    "    \"values\": [null, 8]}]},\n"                                                       \
    " \"timeline\": {\"firstSlot\": 5, \"slotsPerBin\": 2, \"epochSlots\": 600,"            \
    "  \"slotSeconds\": 1, \"bins\": 2, \"metrics\": {\"machperf/CentiCpu\":"               \
    "   {\"mean\": [1, null], \"min\": [0, null], \"max\": [2, null]}}},\n"                 \
    " \"arrival\": {\"hosts\": 2, \"blocks\": 2,"                                           \
    "  \"curve\": [[0.5, 1, 2, 3], [1, 2, 3, 4]],"                                          \
    "  \"bound\": {\"curve\": [[0.5, 0.25], [1, 0.5]], \"efficiency\": 0.2}}}\n"

#endif
