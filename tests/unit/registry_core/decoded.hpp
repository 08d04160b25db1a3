#pragma once

#include "registry_core/protocol/decode.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

/// What becomes of one body; the decoder lives as long as the views into it.
struct Decoded {
  explicit Decoded(std::string text) : body(std::move(text)), request(decoder.decode(body)) {}
  std::string body;
  protocol::Decoder decoder;
  const protocol::Request& request;

  template<typename Kind>
  const Kind& as() {
    CAPTURE(body);
    const auto* const refusal = std::get_if<protocol::Refusal>(&request);
    INFO((refusal ? refusal->error : "not refused"));
    REQUIRE(std::holds_alternative<Kind>(request));
    return std::get<Kind>(request);
  }
};

inline protocol::ErrorCode code_of(const std::string& body) {
  return Decoded(body).as<protocol::Refusal>().code;
}
inline std::string error_of(const std::string& body) {
  return Decoded(body).as<protocol::Refusal>().error;
}
