#include "tests/bench/lookup_load.hpp"

#include <array>
#include <deque>
#include <exception>
#include <stdexcept>
#include <thread>

#include <zmq.hpp>

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Keys {
  std::string server;
  KeyPair client;
} keys; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): set once, before the load

void connect(zmq::socket_t& socket, const std::string& endpoint) {
  if (!keys.server.empty()) {
    socket.set(zmq::sockopt::curve_serverkey, keys.server);
    socket.set(zmq::sockopt::curve_publickey, keys.client.public_key);
    socket.set(zmq::sockopt::curve_secretkey, keys.client.secret_key);
  }
  socket.connect(endpoint);
}

void receive(zmq::socket_t& socket, const std::string& expected) {
  zmq::message_t reply;
  if (!socket.recv(reply)) throw std::runtime_error("a reply is missing");
  // The length is enough to tell whether it is the one, and costs the measurement nothing.
  if (reply.size() != expected.size()) throw std::runtime_error("unexpected reply " + reply.to_string());
}

class LoadClient {
public:
  LoadClient(zmq::context_t& context, const Load& load, const std::string& endpoint)
      : in_flight_(load.in_flight),
        socket_(context, load.in_flight == 1 ? zmq::socket_type::req : zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 5000);
    connect(socket_, endpoint);
  }

  void run(const std::string& request, const std::string& expected, Clock::time_point until) {
    std::deque<Clock::time_point> sent;
    const auto send = [&] {
      sent.push_back(Clock::now());
      socket_.send(zmq::buffer(request));
    };
    for (int i = 0; i < in_flight_; ++i)
      send();
    while (!sent.empty()) {
      receive(socket_, expected);
      const auto now = Clock::now();
      latencies.push_back(static_cast<std::uint32_t>((now - sent.front()).count()));
      sent.pop_front();
      if (now < until) send();
    }
  }

  std::vector<std::uint32_t> latencies;

private:
  int in_flight_;
  zmq::socket_t socket_;
};

} // namespace

KeyPair make_key_pair() {
  constexpr std::size_t size = 41;
  std::array<char, size> public_key{};
  std::array<char, size> secret_key{};
  if (zmq_curve_keypair(public_key.data(), secret_key.data()) != 0) throw zmq::error_t();
  return {public_key.data(), secret_key.data()};
}

void use_curve(const std::string& server, const KeyPair& client) {
  keys = {server, client};
}

Result run_load(const Load& load, const std::string& endpoint, const std::string& request,
                const std::string& expected, std::chrono::milliseconds time) {
  zmq::context_t context;
  std::deque<LoadClient> clients;
  for (int i = 0; i < load.clients; ++i) {
    clients.emplace_back(context, load, endpoint);
    clients.back().run(request, expected, Clock::now()); // connected before the time begins
    clients.back().latencies.clear();
  }
  const auto begin = Clock::now();
  std::vector<std::thread> threads;
  std::vector<std::exception_ptr> faults(clients.size());
  for (std::size_t i = 0; i < clients.size(); ++i) {
    threads.emplace_back([&, i] {
      try {
        clients[i].run(request, expected, begin + time);
      } catch (...) {
        faults[i] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  const std::chrono::duration<double> taken = Clock::now() - begin;
  Result result;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (faults[i]) std::rethrow_exception(faults[i]);
    result.latencies.insert(result.latencies.end(), clients[i].latencies.begin(), clients[i].latencies.end());
  }
  result.per_second = static_cast<double>(result.latencies.size()) / taken.count();
  return result;
}

std::string ask(const std::string& endpoint, const std::string& request) {
  zmq::context_t context;
  zmq::socket_t socket(context, zmq::socket_type::req);
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::rcvtimeo, 10'000);
  socket.set(zmq::sockopt::reconnect_ivl, 20);
  connect(socket, endpoint);
  socket.send(zmq::buffer(request));
  zmq::message_t reply;
  if (!socket.recv(reply)) throw std::runtime_error("nobody answers at " + endpoint);
  return reply.to_string();
}

} // namespace bench
