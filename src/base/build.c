#include "base/build.h"

#include <stddef.h>

#include "base/build_commit.h"
#include "base/build_time.h"

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* clang tells of sanitizers by another name than gcc. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif

static const char *const flags[] = {
#ifdef __OPTIMIZE__
    "optimized",
#endif
#ifndef NDEBUG
    "assertions",
#endif
#ifdef _FORTIFY_SOURCE
    "fortified",
#endif
#ifdef __SSP_STRONG__
    "stack-protector",
#endif
#ifdef __CET__
    "control-flow-protection",
#endif
#if defined(__PIC__) || defined(__PIE__)
    "position-independent",
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
    "address-sanitizer",
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
    "thread-sanitizer",
#endif
    NULL,
};

static const struct build_facts facts = {
    .version = OUROSCOPE_VERSION,
    .commit = OUROSCOPE_COMMIT,
    .commit_time = OUROSCOPE_COMMIT_TIME,
    .compiler = COMPILER,
    .flags = flags,
};

const struct build_facts *build_facts(void)
{
    return &facts;
}
