#include "ssh/connection.hpp"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <new>

namespace ssh {

namespace {

using Clock = std::chrono::steady_clock;

/// What OpenSSH would offer, as far as libssh knows it; used where ssh_config was not asked.
constexpr std::string_view default_host_key_algorithms =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256";

std::string_view key_type_of(std::string_view algorithm) {
  return algorithm.substr(0, 9) == "rsa-sha2-" ? "ssh-rsa" : algorithm;
}

/// The algorithms, those for key types that known_hosts has first: otherwise a host that is known by one key
/// would look unknown since it has a better one as well.
std::string order_host_key_algorithms(std::string_view list, const std::vector<std::string>& known_types) {
  std::string first, rest;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    const auto algorithm = list.substr(0, end);
    const bool known =
        std::find(known_types.begin(), known_types.end(), key_type_of(algorithm)) != known_types.end();
    (known ? first : rest).append(algorithm).append(",");
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  first += rest;
  if (!first.empty()) first.pop_back();
  return first;
}

void set_option(ssh_session session, ssh_options_e option, const void* value) {
  if (ssh_options_set(session, option, value) != SSH_OK)
    throw Error(ErrorClass::settings, "libssh refuses an option: " + one_line(ssh_get_error(session)));
}

/// libssh keeps the names that it knows and refuses a list where none is left.
void set_algorithms(ssh_session session, ssh_options_e option, const char* name, const std::string& list) {
  if (list.empty()) return;
  if (ssh_options_set(session, option, list.c_str()) != SSH_OK)
    throw Error(ErrorClass::settings, std::string(name) + " of ssh_config names nothing that libssh " +
                                          ssh_version(0) + " knows: " + one_line(list));
}

void set_all_algorithms(ssh_session session, const Settings& settings) {
  const auto host_keys = settings.host_key_algorithms.empty() ? std::string(default_host_key_algorithms)
                                                              : settings.host_key_algorithms;
  set_algorithms(session, SSH_OPTIONS_HOSTKEYS, "HostKeyAlgorithms",
                 order_host_key_algorithms(host_keys, known_key_types(settings)));
  set_algorithms(session, SSH_OPTIONS_KEY_EXCHANGE, "KexAlgorithms", settings.kex_algorithms);
  set_algorithms(session, SSH_OPTIONS_CIPHERS_C_S, "Ciphers", settings.ciphers);
  set_algorithms(session, SSH_OPTIONS_CIPHERS_S_C, "Ciphers", settings.ciphers);
  set_algorithms(session, SSH_OPTIONS_HMAC_C_S, "MACs", settings.macs);
  set_algorithms(session, SSH_OPTIONS_HMAC_S_C, "MACs", settings.macs);
  set_algorithms(session, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, "PubkeyAcceptedAlgorithms",
                 settings.public_key_algorithms);
  if (settings.required_rsa_size > 0)
    set_option(session, SSH_OPTIONS_RSA_MIN_SIZE, &settings.required_rsa_size);
}

SessionHandle make_session(const Settings& settings, Deadline deadline) {
  SessionHandle session(ssh_new());
  if (!session) throw std::bad_alloc();
  const int process_config = 0;
  set_option(session.get(), SSH_OPTIONS_PROCESS_CONFIG, &process_config);
  // Nothing of libssh's own defaults: neither a folder of keys nor known_hosts, which it would sort the host
  // key algorithms by.
  set_option(session.get(), SSH_OPTIONS_SSH_DIR, "/nonexistent");
  set_option(session.get(), SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
  set_option(session.get(), SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
  set_option(session.get(), SSH_OPTIONS_USER, settings.user.c_str());
  const long seconds =
      std::max<long>(1, std::chrono::ceil<std::chrono::seconds>(deadline - Clock::now()).count());
  set_option(session.get(), SSH_OPTIONS_TIMEOUT, &seconds);
  set_all_algorithms(session.get(), settings);
  ssh_set_blocking(session.get(), 0);
  return session;
}

constexpr const char* hung_up = "the server closed the connection";

/// A host that has none of our algorithms is up. It may have hung up, too, before libssh has read which it
/// has. Empty: nothing particular is known.
std::string hint_for(const std::string& failure) {
  constexpr const char* algorithms =
      "allow one of its algorithms in ssh_config (Ciphers, MACs, KexAlgorithms, HostKeyAlgorithms), "
      "or one of ours in sshd_config there";
  if (failure.find("no match for method") != std::string::npos) return algorithms;
  if (failure == hung_up)
    return std::string("sshd's log there says why; if it names none in common: ") + algorithms;
  return {};
}

} // namespace

std::string one_line(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string line(text.substr(0, longest));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char byte) { return byte < ' ' || byte >= 0x7f; }, '?');
  return text.size() > longest ? line + "..." : line;
}

Connection Connection::open(const Settings& settings, Stream stream, Deadline deadline) {
  Connection connection(make_session(settings, deadline),
                        settings.hostname + " port " + std::to_string(settings.port),
                        std::move(stream.tunnel));
  connection.exchange_keys(std::move(stream.socket), deadline);
  return connection;
}

void Connection::exchange_keys(UniqueFd socket, Deadline deadline) {
  const int fd = socket.get();
  set_option(session_.get(), SSH_OPTIONS_FD, &fd);
  // From its first ssh_connect() on the session has the socket; ~Connection sees to its end.
  (void)socket.release();
  const int result =
      drive([this] { return ssh_connect(session_.get()); }, SSH_AGAIN, "key exchange", deadline);
  if (result != SSH_OK)
    throw Error(ErrorClass::connect, peer_ + " failed in the key exchange: " + failure(),
                hint_for(failure()));
  // libssh makes a socket blocking when it sees it connected; a peer that stops reading would then hold us in
  // send() for longer than any deadline.
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0) (void)::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

Connection::~Connection() {
  if (!session_ || !alive()) return; // ssh_free() closes the socket
  // Since 0.10 a disconnect leaves a socket open that it was given by SSH_OPTIONS_FD, and forgets it.
  const UniqueFd socket(ssh_get_fd(session_.get()));
  ssh_disconnect(session_.get());
}

bool Connection::alive() const noexcept {
  return ssh_is_connected(session_.get()) != 0 && ssh_get_fd(session_.get()) >= 0 &&
         (ssh_get_status(session_.get()) & SSH_CLOSED_ERROR) == 0;
}

std::optional<std::string> Connection::farewell() const {
  // `Received SSH_MSG_DISCONNECT: CODE:TEXT`; libssh's own getter for the text does not work in every state.
  constexpr std::string_view prefix = "Received SSH_MSG_DISCONNECT: ";
  const std::string_view error = ssh_get_error(session_.get());
  if (error.substr(0, prefix.size()) != prefix) return std::nullopt;
  const auto text = error.substr(std::min(error.find(':', prefix.size()), error.size() - 1) + 1);
  return one_line(text);
}

std::string Connection::failure() const {
  if (const auto said = farewell()) return "the server says \"" + *said + "\"";
  if (const auto error = tunnel_ ? tunnel_->failure() : std::nullopt) return error->what();
  const std::string_view error = ssh_get_error(session_.get());
  // libssh asks the socket for the error of a hang-up, and there may be none: "Success".
  for (const char* const end : {"disconnected", "Success", "Connection reset by peer"})
    if (error == std::string("Socket error: ") + end) return hung_up;
  constexpr std::string_view prefix = "Socket error: ";
  return one_line(error.substr(0, prefix.size()) == prefix ? error.substr(prefix.size()) : error);
}

HostKey Connection::host_key() const {
  ssh_key raw = nullptr;
  if (ssh_get_server_publickey(session_.get(), &raw) != SSH_OK)
    throw Error(ErrorClass::connect, peer_ + " shows no host key: " + failure());
  const KeyHandle key(raw);
  char* base64 = nullptr;
  unsigned char* hash = nullptr;
  std::size_t hash_size = 0;
  if (ssh_pki_export_pubkey_base64(key.get(), &base64) != SSH_OK) throw std::bad_alloc();
  const StringHandle text(base64);
  if (ssh_get_publickey_hash(key.get(), SSH_PUBLICKEY_HASH_SHA256, &hash, &hash_size) != 0)
    throw std::bad_alloc();
  const HashHandle digest(hash);
  const StringHandle fingerprint(ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, hash_size));
  if (!fingerprint) throw std::bad_alloc();
  return {ssh_key_type_to_char(ssh_key_type(key.get())), text.get(), fingerprint.get()};
}

int Connection::drive(const std::function<int()>& call, int again, const char* stage,
                      Deadline deadline) const {
  for (;;) {
    const int result = call();
    if (result != again) return result;
    const int fd = ssh_get_fd(session_.get());
    if (fd < 0) return SSH_ERROR;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) throw Error(ErrorClass::timed_out, "no answer from " + peer_ + " in the " + stage);
    const bool writes = (ssh_get_poll_flags(session_.get()) & SSH_WRITE_PENDING) != 0;
    pollfd waited{fd, static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0};
    (void)::poll(&waited, 1, static_cast<int>(std::min<long>(left.count(), 1000)));
  }
}

} // namespace ssh
