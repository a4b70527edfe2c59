package api

import (
	"net"
	"strings"

	"relance/internal/campaign"
	"relance/internal/operator"
)

// reconnect is the body of postReconnect: what is to be other than it is kept.
type reconnect struct {
	Password *string `json:"password"`
	Host     *string `json:"host"`
	Port     *int64  `json:"port"`
	TLS      *string `json:"tls"`
	Username *string `json:"username"`
}

// postReconnect logs in to an account's server, and only then says that it is connected.
func postReconnect(c *call) (reply, error) {
	var body reconnect
	if _, err := c.body(&body); err != nil {
		return reply{}, err
	}
	settings := operator.AccountSettings{Host: body.Host, TLS: body.TLS, Username: body.Username}
	if body.Port != nil {
		port := int(*body.Port)
		settings.Port = &port
	}
	if body.Password != nil {
		secret := campaign.Secret(*body.Password)
		settings.Password = &secret
	}
	if body.TLS != nil && strings.EqualFold(*body.TLS, string(campaign.TLSNone)) && (body.Host == nil || !isLoopback(*body.Host)) {
		return reply{}, &operator.Invalid{Field: "tls", Text: "the password would be sent without encryption, which is allowed to a server on this machine only; use starter email-account reconnect for an exception"}
	}
	done, err := c.by.ReconnectAccount(c.Context(), c.PathValue("address"), settings)
	return reply{body: done.Changed, delayed: done.Delayed}, err
}

func isLoopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
