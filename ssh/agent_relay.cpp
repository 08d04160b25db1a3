#include "ssh/agent_relay.hpp"

#include "ssh/background_thread.hpp"
#include "ssh/known_hosts.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <system_error>

namespace ssh {

namespace {

constexpr unsigned char identities_answer = 12; // SSH_AGENT_IDENTITIES_ANSWER
constexpr std::uint32_t longest_message = 256 * 1024;

std::string encode_length(std::size_t length) {
  const auto value = static_cast<std::uint32_t>(length);
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

std::uint32_t decode_length(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(0, 4))
    value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// Takes a length-prefixed string off the text.
std::optional<std::string_view> take_string(std::string_view& text) {
  if (text.size() < 4) return std::nullopt;
  const auto length = decode_length(text);
  if (length > text.size() - 4) return std::nullopt;
  const auto string = text.substr(4, length);
  text.remove_prefix(4 + length);
  return string;
}

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
  const auto length = decode_length(head);
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

} // namespace

std::string edit_identities(const std::string& answer, const AgentRelay::Choice& choice) {
  if (answer.size() < 5 || static_cast<unsigned char>(answer[0]) != identities_answer) return answer;
  struct Entry {
    std::size_t rank;
    std::string_view bytes;
  };
  std::vector<Entry> entries;
  std::string_view rest(answer);
  rest.remove_prefix(5); // the kind and the count
  while (!rest.empty()) {
    const auto* begin = rest.data();
    const auto blob = take_string(rest);
    if (!blob || !take_string(rest)) return answer;
    const auto key = known_hosts::encode_key(*blob);
    const auto place = rank(choice.first, key);
    if (rank(choice.hidden, key) < choice.hidden.size()) continue;
    if (choice.only_first && place == choice.first.size()) continue;
    entries.push_back({place, {begin, static_cast<std::size_t>(rest.data() - begin)}});
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& one, const Entry& other) { return one.rank < other.rank; });
  auto edited = std::string(1, static_cast<char>(identities_answer)) + encode_length(entries.size());
  for (const auto& entry : entries)
    edited += entry.bytes;
  return edited;
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
      if (!request || !send(agent_.get(), encode_length(request->size()) + *request, deadline_)) break;
      const auto answer = receive_message(agent_.get(), deadline_);
      if (!answer) break;
      const auto edited = edit_identities(*answer, choice_);
      if (!send(ours_.get(), encode_length(edited.size()) + edited, deadline_)) break;
    }
  } catch (const std::bad_alloc&) {
    // Ends as an agent that hangs up.
  }
  ::shutdown(ours_.get(), SHUT_RDWR); // libssh's wait ends with it
}

} // namespace ssh
