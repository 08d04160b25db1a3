#include "registry_core/metrics_page.hpp"

#include "registry_core/server.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <netdb.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

namespace registry_core {

namespace {

constexpr unsigned most_connections = 32;
constexpr unsigned timeout_s = 10;
constexpr std::size_t connection_memory = 16UL * 1024;
constexpr const char* openmetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
constexpr const char* plain = "text/plain; charset=utf-8";

struct FreeAddresses {
  void operator()(addrinfo* addresses) const noexcept { freeaddrinfo(addresses); }
};

std::string port_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXSERV> port{};
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  getnameinfo(reinterpret_cast<sockaddr*>(&address), size, nullptr, 0, port.data(), port.size(),
              NI_NUMERICSERV);
  return port.data();
}

/// A listening socket. \throws BindError.
int listen_at(const std::string& endpoint, const std::string& host, const std::string& port) {
  const auto fail = [&](const std::string& why, int error) {
    throw BindError("can't bind the metrics page to " + endpoint + ": " + why, endpoint, error);
  };
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const char* const node = host == "*" ? nullptr : host.c_str();
  if (const int code = getaddrinfo(node, port.c_str(), &hints, &found); code != 0)
    fail(gai_strerror(code), 0);
  const std::unique_ptr<addrinfo, FreeAddresses> address(found);
  const int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int yes = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (descriptor < 0 || bind(descriptor, address->ai_addr, address->ai_addrlen) != 0 ||
      listen(descriptor, 16) != 0) {
    const int error = errno;
    if (descriptor >= 0) close(descriptor);
    fail(std::strerror(error), error); // NOLINT(concurrency-mt-unsafe)
  }
  return descriptor;
}

} // namespace

class MetricsPage::State {
public:
  explicit State(const std::string& endpoint) {
    const auto colon = endpoint.rfind(':');
    std::string host = endpoint.substr(0, colon);
    const std::string port = colon == std::string::npos ? "" : endpoint.substr(colon + 1);
    const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const int descriptor = listen_at(endpoint, brackets ? host.substr(1, host.size() - 2) : host, port);
    bound_ = host + ":" + port_of(descriptor);
    daemon_.reset(MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, nullptr, nullptr,
                                   answer, this, MHD_OPTION_LISTEN_SOCKET, descriptor,
                                   MHD_OPTION_CONNECTION_LIMIT, most_connections,
                                   MHD_OPTION_CONNECTION_TIMEOUT, timeout_s,
                                   MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory, MHD_OPTION_END));
    if (daemon_) return;
    close(descriptor);
    throw BindError("can't serve the metrics page at " + endpoint);
  }

  [[nodiscard]] const std::string& bound() const noexcept { return bound_; }
  void publish(std::string page) {
    const std::scoped_lock lock(mutex_);
    page_ = std::make_shared<const std::string>(std::move(page));
  }

private:
  struct Stop {
    void operator()(MHD_Daemon* daemon) const noexcept { MHD_stop_daemon(daemon); }
  };

  static MHD_Result reply(MHD_Connection* connection, unsigned status, const char* type,
                          std::string_view text) {
    // The text is copied: the page may be replaced while it is sent.
    MHD_Response* const response =
        MHD_create_response_from_buffer(text.size(), const_cast<char*>(text.data()), MHD_RESPMEM_MUST_COPY);
    if (!response) return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
      MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    const MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
  }

  static MHD_Result answer(void* self, MHD_Connection* connection, const char* url, const char* method,
                           const char* /*version*/, const char* /*body*/, std::size_t* body_size,
                           void** seen) {
    // Called first for the head alone; a body is taken no notice of.
    static int mark = 0;
    if (!*seen) {
      *seen = &mark;
      return MHD_YES;
    }
    if (*body_size != 0) {
      *body_size = 0;
      return MHD_YES;
    }
    const std::string_view verb = method;
    if (verb != MHD_HTTP_METHOD_GET && verb != MHD_HTTP_METHOD_HEAD)
      return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, plain, "GET or HEAD\n");
    const std::string_view path = url;
    if (path == "/") return reply(connection, MHD_HTTP_OK, plain, "actors registry: see /metrics\n");
    if (path != "/metrics") return reply(connection, MHD_HTTP_NOT_FOUND, plain, "see /metrics\n");
    const auto page = static_cast<State*>(self)->page();
    return reply(connection, MHD_HTTP_OK, openmetrics, *page);
  }

  std::shared_ptr<const std::string> page() {
    const std::scoped_lock lock(mutex_);
    return page_;
  }

  std::string bound_;
  std::mutex mutex_;
  std::shared_ptr<const std::string> page_ = std::make_shared<const std::string>("# EOF\n");
  std::unique_ptr<MHD_Daemon, Stop> daemon_; ///< the last: it ends first
};

MetricsPage::MetricsPage(const std::string& endpoint) : state_(std::make_unique<State>(endpoint)) {}
MetricsPage::~MetricsPage() = default;
const std::string& MetricsPage::bound() const noexcept {
  return state_->bound();
}
void MetricsPage::publish(std::string page) {
  state_->publish(std::move(page));
}

} // namespace registry_core
