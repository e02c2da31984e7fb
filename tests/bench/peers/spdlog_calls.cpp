/* spdlog-calls: the cases of trace-calls with spdlog's asynchronous logger, whose lines are
 * formatted like those of the tracing library. The caller formats the values, spdlog's thread the
 * rest.
 *
 *   on, peer, full   the oldest message is dropped when the queue is full: spdlog's way not to wait
 *   sustained, sustained-peer   callers wait for room */
#include <spdlog/async.h>
#include <spdlog/fmt/bin_to_hex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <future>
#include <memory>
#include <mutex>

#include "call_timing.h"

static constexpr size_t queue_items = 16384; // about as many as the library's ring takes
static constexpr const char *line_form =
    R"({"at":"%Y-%m-%dT%H:%M:%S.%FZ","ns":"%n","data":%v,"sev":"Info","thread":"%t","host":"bench"})";

static std::shared_ptr<spdlog::async_logger> logger;

#define CALL_BLOCK(n)                                                                   \
    logger->info(R"({{"block":"{:spn}","kind":"Block","size":{},"slot":{}}})",          \
                 spdlog::to_hex(call_hashes[(n) % CALL_HASHES],                         \
                                call_hashes[(n) % CALL_HASHES] + sizeof(*call_hashes)), \
                 3 * (n), (n))
#define CALL_MET(n)                                                                             \
    logger->info(R"({{"kind":"Met","peer":{{"connectionId":"{} {}"}},"slot":{}}})", call_local, \
                 call_remote, (n))
CALL_LOOPS(block, CALL_BLOCK);
CALL_LOOPS(met, CALL_MET);

/* --- Life ----------------------------------------------------------------------- */

static bool start(spdlog::sink_ptr sink, spdlog::async_overflow_policy policy)
{
    spdlog::init_thread_pool(queue_items, 1);
    logger = std::make_shared<spdlog::async_logger>("Bench.Block", std::move(sink),
                                                    spdlog::thread_pool(), policy);
    logger->set_pattern(line_form, spdlog::pattern_time_type::utc);
    return true;
}

static bool start_to_file(const call_options *o, spdlog::async_overflow_policy policy)
{
    return start(std::make_shared<spdlog::sinks::basic_file_sink_st>(o->path, true), policy);
}

static bool begin_on(const call_options *o)
{
    return start_to_file(o, spdlog::async_overflow_policy::overrun_oldest);
}

static bool begin_off(const call_options *o)
{
    begin_on(o);
    logger->set_level(spdlog::level::warn);
    return true;
}

static bool begin_sustained(const call_options *o)
{
    return start_to_file(o, spdlog::async_overflow_policy::block);
}

/* Returns when the queue is empty and the file closed. */
static void end(uint64_t *ret_lost)
{
    *ret_lost = spdlog::thread_pool()->overrun_counter();
    logger.reset();
    spdlog::shutdown();
}

/* --- A queue without room ---------------------------------------------------------- */

static std::promise<void> may_go_on;

/* Holds up spdlog's thread at the first message. */
class hold_up : public spdlog::sinks::base_sink<spdlog::details::null_mutex>
{
  protected:
    void sink_it_(const spdlog::details::log_msg &) override
    {
        if (!held_up)
            may_go_on.get_future().wait();
        held_up = true;
    }
    void flush_() override
    {
    }

  private:
    bool held_up = false;
};

static bool begin_full(const call_options *)
{
    may_go_on = std::promise<void>();
    return start(std::make_shared<hold_up>(), spdlog::async_overflow_policy::overrun_oldest);
}

static void end_full(uint64_t *ret_lost)
{
    may_go_on.set_value();
    end(ret_lost);
}

static const call_case cases[] = {
    { "off", false, 256, begin_off, end, block_single, block_in_runs, nullptr },
    { "on", true, 16, begin_on, end, block_single, block_in_runs, nullptr },
    { "peer", true, 16, begin_on, end, met_single, met_in_runs, nullptr },
    { "full", false, 16, begin_full, end_full, block_single, block_in_runs, nullptr },
    { "sustained", false, 1, begin_sustained, end, nullptr, nullptr, block_flat },
    { "sustained-peer", false, 1, begin_sustained, end, nullptr, nullptr, met_flat },
    {},
};

int main(int argc, char **argv)
{
    return call_timing_main(argc, argv, "spdlog", cases);
}
