#include "actors/registry/ZmqSender.hpp"

#include "actors/registry/errors.hpp"
#include "clients/cpp/src/making_process.hpp"
#include "clients/cpp/src/zmq_calls.hpp"

#include <list>
#include <mutex>
#include <unordered_map>

#include <zmq.hpp>

namespace actors::registry {

namespace {

constexpr std::size_t most_connections = 256;
constexpr int queue = 1000;
constexpr int linger_ms = 1000;
/// A connection is given up, and opened anew, where nothing is acknowledged for so long, or the peer has no
/// room for more: the kernel does not tell the dead from the busy, and what it held for them is lost.
constexpr int longest_standstill_ms = 30'000;

} // namespace

struct ZmqSender::State {
  struct Connection {
    std::string endpoint;
    zmq::socket_t socket;
  };
  using Connections = std::list<Connection>;

  const MakingProcess process;
  std::mutex mutex;
  zmq::context_t context = new_context();
  Connections by_use; ///< the latest first
  std::unordered_map<std::string, Connections::iterator> by_endpoint;

  zmq::socket_t& socket(const std::string& endpoint) {
    if (const auto known = by_endpoint.find(endpoint); known != by_endpoint.end()) {
      by_use.splice(by_use.begin(), by_use, known->second);
      return known->second->socket;
    }
    zmq::socket_t socket = connect(endpoint);
    if (by_use.size() == most_connections) {
      by_endpoint.erase(by_use.back().endpoint);
      by_use.pop_back();
    }
    by_use.push_front({endpoint, std::move(socket)});
    by_endpoint.emplace(endpoint, by_use.begin());
    return by_use.front().socket;
  }

  zmq::socket_t connect(const std::string& endpoint) {
    zmq::socket_t socket = new_socket(context, zmq::socket_type::push);
    socket.set(zmq::sockopt::linger, linger_ms);
    socket.set(zmq::sockopt::sndhwm, queue);
    find_out_about_the_dead(socket);
    socket.set(zmq::sockopt::tcp_maxrt, longest_standstill_ms);
    // See Dealer: a name's IPv6 address alone would be taken otherwise.
    if (endpoint.find('[') != std::string::npos) socket.set(zmq::sockopt::ipv6, true);
    connect_socket(socket, endpoint, "actor at ");
    return socket;
  }
};

ZmqSender::ZmqSender() : state_(left_to_parent(new State)) {}

bool ZmqSender::send(const std::string& endpoint, const std::string& bytes) const {
  state_->process.check("sender");
  if (bytes.size() > largest_message)
    throw RegistryError("actor at " + endpoint + ": the message has " + std::to_string(bytes.size()) +
                        " bytes, more than " + std::to_string(largest_message));
  const std::scoped_lock lock(state_->mutex);
  return send_now(state_->socket(endpoint), bytes);
}

} // namespace actors::registry
