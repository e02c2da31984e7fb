/* cmocka with the headers that it wants to find before itself. */
#ifndef OU_SUPPORT_TEST_H
#define OU_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
