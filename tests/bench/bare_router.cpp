#include "tests/bench/bare_router.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <zmq.hpp>

namespace bench {

namespace {

std::atomic<bool> ended = false;

} // namespace

void run_bare_router(const std::string& endpoint, const std::string& reply, const std::string& secret_key) {
  // Without SA_RESTART, so that a waiting recv comes back.
  struct sigaction action = {};
  action.sa_handler = [](int) { ended = true; };
  sigaction(SIGTERM, &action, nullptr);
  void* const context = zmq_ctx_new();
  void* const router = zmq_socket(context, ZMQ_ROUTER);
  // Nobody's thousand requests under way are dropped for its queue.
  const int queue = 10'000;
  zmq_setsockopt(router, ZMQ_SNDHWM, &queue, sizeof queue);
  if (!secret_key.empty()) {
    const int yes = 1;
    zmq_setsockopt(router, ZMQ_CURVE_SERVER, &yes, sizeof yes);
    zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, secret_key.c_str(), secret_key.size() + 1);
  }
  zmq_bind(router, endpoint.c_str());
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  while (!ended && zmq_msg_recv(&frame, router, 0) >= 0) {
    // Every frame but the last goes back, then the reply.
    while (zmq_msg_more(&frame) != 0) {
      zmq_msg_send(&frame, router, ZMQ_SNDMORE);
      zmq_msg_init(&frame);
      zmq_msg_recv(&frame, router, 0);
    }
    zmq_send(router, reply.data(), reply.size(), 0);
  }
  zmq_msg_close(&frame);
  zmq_close(router);
  zmq_ctx_term(context);
}

} // namespace bench
