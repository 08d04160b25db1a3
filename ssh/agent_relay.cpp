#include "ssh/agent_relay.hpp"

#include "ssh/background_thread.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/wire_format.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>

namespace ssh {

namespace {

constexpr char request_identities = 11; // SSH_AGENTC_REQUEST_IDENTITIES
constexpr char identities_answer = 12;  // SSH_AGENT_IDENTITIES_ANSWER
constexpr char sign_request = 13;       // SSH_AGENTC_SIGN_REQUEST
constexpr std::uint32_t longest_message = 256 * 1024;

bool wait_for(int fd, short events, Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  if (left <= 0) return false;
  pollfd waited{fd, events, 0};
  const int result = ::poll(&waited, 1, static_cast<int>(std::min<long>(left, 60'000)));
  return result > 0 || (result == 0 && left > 60'000);
}

/// All of the bytes moved, or false at the deadline or the peer's end.
template<class Move>
bool transfer(int fd, short events, std::size_t size, Deadline deadline, Move move) {
  for (std::size_t done = 0; done < size;) {
    if (!wait_for(fd, events, deadline)) return false;
    const auto moved = move(done);
    if (moved == 0 || (moved < 0 && errno != EAGAIN && errno != EINTR)) return false;
    if (moved > 0) done += static_cast<std::size_t>(moved);
  }
  return true;
}

bool receive(int fd, std::string& bytes, Deadline deadline) {
  return transfer(fd, POLLIN, bytes.size(), deadline, [&](std::size_t done) {
    return ::recv(fd, bytes.data() + done, bytes.size() - done, MSG_DONTWAIT);
  });
}

bool send(int fd, const std::string& bytes, Deadline deadline) {
  return transfer(fd, POLLOUT, bytes.size(), deadline, [&](std::size_t done) {
    return ::send(fd, bytes.data() + done, bytes.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
  });
}

std::optional<std::string> receive_message(int fd, Deadline deadline) {
  std::string head(4, '\0');
  if (!receive(fd, head, deadline)) return std::nullopt;
  std::string_view number(head);
  const auto length = wire::take_number(number).value_or(0);
  if (length == 0 || length > longest_message) return std::nullopt;
  std::string message(length, '\0');
  if (!receive(fd, message, deadline)) return std::nullopt;
  return message;
}

UniqueFd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path.c_str(), path.size());
  // Non-blocking: an agent that accepts nobody any more counts as none.
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return fd;
}

std::size_t rank(const std::vector<std::string>& keys, const std::string& key) {
  const auto same = [&](const std::string& other) { return known_hosts::same_key(other, key); };
  return static_cast<std::size_t>(std::find_if(keys.begin(), keys.end(), same) - keys.begin());
}

struct AgentIdentity {
  std::string blob, comment, base64;
};

/// What an agent's answer lists; nothing where it is another answer, or malformed.
std::optional<std::vector<AgentIdentity>> read_identities(std::string_view answer) {
  if (answer.size() < 5 || answer.front() != identities_answer) return std::nullopt;
  answer.remove_prefix(5); // the kind and the count
  std::vector<AgentIdentity> identities;
  while (!answer.empty()) {
    const auto blob = wire::take_string(answer);
    const auto comment = wire::take_string(answer);
    if (!blob || !comment) return std::nullopt;
    identities.push_back({std::string(*blob), std::string(*comment), known_hosts::encode_key(*blob)});
  }
  return identities;
}

const AgentRelay::Certificate* certificate_of(const AgentRelay::Choice& choice, const std::string& key) {
  const auto found = std::find_if(choice.certificates.begin(), choice.certificates.end(),
                                  [&](const auto& one) { return known_hosts::same_key(one.base64, key); });
  return found == choice.certificates.end() ? nullptr : &*found;
}

/// To each certificate in a file whose key the agent has, an identity that the agent does not know of.
void add_certificates(std::vector<AgentIdentity>& identities, const AgentRelay::Choice& choice) {
  const auto position = [&](const std::string& key) {
    return std::find_if(identities.begin(), identities.end(),
                        [&](const AgentIdentity& one) { return known_hosts::same_key(one.base64, key); });
  };
  for (const auto& certificate : choice.certificates) {
    const auto key = position(certificate.key_base64);
    const auto blob = known_hosts::decode_key(certificate.base64);
    if (key == identities.end() || position(certificate.base64) != identities.end() || !blob) continue;
    identities.push_back({*blob, key->comment, certificate.base64});
  }
}

} // namespace

std::string edit_identities(const std::string& answer, const AgentRelay::Choice& choice) {
  auto identities = read_identities(answer);
  if (!identities) return answer;
  add_certificates(*identities, choice);
  std::erase_if(*identities, [&](const AgentIdentity& one) {
    const bool chosen = !choice.only_first || rank(choice.first, one.base64) < choice.first.size();
    return !chosen || rank(choice.hidden, one.base64) < choice.hidden.size();
  });
  std::stable_sort(identities->begin(), identities->end(),
                   [&](const AgentIdentity& one, const AgentIdentity& other) {
                     return rank(choice.first, one.base64) < rank(choice.first, other.base64);
                   });
  auto edited = identities_answer + wire::encode_number(identities->size());
  for (const auto& one : *identities)
    edited += wire::encode_string(one.blob) + wire::encode_string(one.comment);
  return edited;
}

std::string edit_request(const std::string& request, const AgentRelay::Choice& choice) {
  if (request.empty() || request.front() != sign_request) return request;
  auto rest = std::string_view(request).substr(1);
  const auto blob = wire::take_string(rest);
  const auto* certificate = blob ? certificate_of(choice, known_hosts::encode_key(*blob)) : nullptr;
  const auto key = certificate != nullptr ? known_hosts::decode_key(certificate->key_base64) : std::nullopt;
  return key ? sign_request + wire::encode_string(*key).append(rest) : request;
}

std::string agent_path(const Settings& settings) {
  if (settings.identity_agent == "none") return {};
  if (!settings.identity_agent.empty() && settings.identity_agent != "SSH_AUTH_SOCK")
    return settings.identity_agent;
  const char* path = std::getenv("SSH_AUTH_SOCK");
  return path == nullptr ? "" : path;
}

std::vector<std::string> agent_keys(const std::string& path, Deadline deadline) {
  const auto agent = connect_to(path);
  if (!agent || !send(agent.get(), wire::encode_string({&request_identities, 1}), deadline)) return {};
  const auto answer = receive_message(agent.get(), deadline);
  const auto identities = answer ? read_identities(*answer) : std::nullopt;
  std::vector<std::string> keys;
  for (const auto& one : identities.value_or(std::vector<AgentIdentity>()))
    keys.push_back(one.base64);
  return keys;
}

std::unique_ptr<AgentRelay> AgentRelay::connect(const std::string& path, Choice choice, Deadline deadline) {
  auto agent = connect_to(path);
  if (!agent) return nullptr;
  return std::unique_ptr<AgentRelay>(new AgentRelay(std::move(agent), std::move(choice), deadline));
}

AgentRelay::AgentRelay(UniqueFd agent, Choice choice, Deadline deadline)
    : agent_(std::move(agent)), choice_(std::move(choice)), deadline_(deadline) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  ours_ = UniqueFd(pair[0]);
  for_libssh_ = UniqueFd(pair[1]);
  thread_ = background_thread([this] { relay(); });
}

AgentRelay::~AgentRelay() {
  // Both ends at once: whatever the thread waits for ends.
  ::shutdown(ours_.get(), SHUT_RDWR);
  ::shutdown(agent_.get(), SHUT_RDWR);
  thread_.join();
}

void AgentRelay::relay() noexcept {
  try {
    for (;;) {
      const auto request = receive_message(ours_.get(), deadline_);
      if (!request || !send(agent_.get(), wire::encode_string(edit_request(*request, choice_)), deadline_))
        break;
      const auto answer = receive_message(agent_.get(), deadline_);
      if (!answer) break;
      const auto edited = edit_identities(*answer, choice_);
      if (!send(ours_.get(), wire::encode_string(edited), deadline_)) break;
    }
  } catch (const std::bad_alloc&) {
    // Ends as an agent that hangs up.
  }
  ::shutdown(ours_.get(), SHUT_RDWR); // libssh's wait ends with it
}

} // namespace ssh
