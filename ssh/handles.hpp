#pragma once

#include <libssh/libssh.h>

#include <memory>

/// The smallest owners of libssh's handles. For the sources of ssh/ alone: no other folder knows libssh.
namespace ssh {

struct SessionDeleter {
  void operator()(ssh_session session) const noexcept { ssh_free(session); }
};
struct KeyDeleter {
  void operator()(ssh_key key) const noexcept { ssh_key_free(key); }
};
struct ChannelDeleter {
  void operator()(ssh_channel channel) const noexcept { ssh_channel_free(channel); }
};
struct EventDeleter {
  void operator()(ssh_event event) const noexcept { ssh_event_free(event); }
};
struct StringDeleter {
  void operator()(char* text) const noexcept { ssh_string_free_char(text); }
};
struct HashDeleter {
  void operator()(unsigned char* hash) const noexcept { ssh_clean_pubkey_hash(&hash); }
};

using SessionHandle = std::unique_ptr<ssh_session_struct, SessionDeleter>;
using KeyHandle = std::unique_ptr<ssh_key_struct, KeyDeleter>;
using ChannelHandle = std::unique_ptr<ssh_channel_struct, ChannelDeleter>;
using EventHandle = std::unique_ptr<ssh_event_struct, EventDeleter>;
using StringHandle = std::unique_ptr<char, StringDeleter>;
using HashHandle = std::unique_ptr<unsigned char, HashDeleter>;

} // namespace ssh
