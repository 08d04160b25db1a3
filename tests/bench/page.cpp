#include "tests/bench/page.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace bench {

namespace {

std::string fetch(const std::string& address) {
  const auto colon = address.rfind(':');
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &at.sin_addr);
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval longest{10, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
  std::string text;
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 &&
      send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    std::array<char, 4096> block{};
    for (ssize_t size = 0; (size = recv(descriptor, block.data(), block.size(), 0)) > 0;)
      text.append(block.data(), static_cast<std::size_t>(size));
  }
  close(descriptor);
  return text;
}

} // namespace

double on_page(const std::string& address, const std::string& sample) {
  const std::string page = fetch(address);
  const auto line = page.find("\n" + sample + " ");
  if (line == std::string::npos) throw std::runtime_error("no " + sample + " on the page of " + address);
  return std::stod(page.substr(line + sample.size() + 2));
}

} // namespace bench
