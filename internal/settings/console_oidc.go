package settings

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"relance/internal/campaign"
)

// OIDC is the OpenID provider that says who people are, and who of them may come in.
type OIDC struct {
	// Issuer is its address, exactly as its tokens give it.
	Issuer, ClientID string
	ClientSecret     campaign.Secret
	// Scopes are asked for: openid, email, profile and whatever else was set.
	Scopes []string
	// GroupsClaim is the claim with a person's groups, VerifiedClaim the one that says
	// that the address is the person's.
	GroupsClaim, VerifiedClaim string
	// Allowed are domains and addresses, Groups are groups. Of each that is set, one has
	// to fit who comes in.
	Allowed, Groups []string
	// OperatorGroups are the groups whose members may repair.
	OperatorGroups []string
}

// MayEnter is true for who may come in, by a verified address and the groups.
func (o OIDC) MayEnter(email string, groups []string) bool {
	name, domain, ok := strings.Cut(email, "@")
	if !ok || name == "" || domain == "" || strings.Contains(domain, "@") || len(o.Allowed) == 0 && len(o.Groups) == 0 {
		return false
	}
	return (len(o.Allowed) == 0 || containsFold(o.Allowed, email) || containsFold(o.Allowed, domain)) &&
		(len(o.Groups) == 0 || intersects(o.Groups, groups))
}

// Known are those of the groups that mean something here.
func (o OIDC) Known(groups []string) (known []string) {
	for _, group := range groups {
		if (slices.Contains(o.Groups, group) || slices.Contains(o.OperatorGroups, group)) && !slices.Contains(known, group) {
			known = append(known, group)
		}
	}
	return known
}

func readOIDC(get func(string) string) OIDC {
	read := OIDC{
		Issuer: get("RELANCE_CONSOLE_OIDC_ISSUER"), ClientID: get("RELANCE_CONSOLE_OIDC_CLIENT_ID"), ClientSecret: campaign.Secret(get("RELANCE_CONSOLE_OIDC_CLIENT_SECRET")),
		Scopes: []string{"openid", "email", "profile"}, GroupsClaim: get("RELANCE_CONSOLE_OIDC_GROUPS_CLAIM"), VerifiedClaim: get("RELANCE_CONSOLE_OIDC_VERIFIED_CLAIM"),
		Allowed: words(get("RELANCE_CONSOLE_ALLOWED")), Groups: names(get("RELANCE_CONSOLE_GROUPS")), OperatorGroups: names(get("RELANCE_CONSOLE_OPERATOR_GROUPS")),
	}
	if read.GroupsClaim == "" {
		read.GroupsClaim = "groups"
	}
	if read.VerifiedClaim == "" {
		read.VerifiedClaim = "email_verified"
	}
	for _, scope := range words(get("RELANCE_CONSOLE_OIDC_SCOPES")) {
		if !slices.Contains(read.Scopes, scope) {
			read.Scopes = append(read.Scopes, scope)
		}
	}
	for i, allowed := range read.Allowed {
		read.Allowed[i] = strings.TrimPrefix(allowed, "@")
	}
	return read
}

// checkOIDC says what is missing or wrong of a whole console that asks a provider.
func checkOIDC(get func(string) string, c Console) error {
	errs := []error{needs(get, SignInOIDC, "RELANCE_CONSOLE_OIDC_ISSUER", "RELANCE_CONSOLE_OIDC_CLIENT_ID", "RELANCE_CONSOLE_OIDC_CLIENT_SECRET",
		"RELANCE_CONSOLE_URL", "RELANCE_CONSOLE_ALLOWED|RELANCE_CONSOLE_GROUPS", "RELANCE_CONSOLE_OPERATORS|RELANCE_CONSOLE_OPERATOR_GROUPS")}
	if issuer, err := url.Parse(c.OIDC.Issuer); c.OIDC.Issuer != "" &&
		(err != nil || issuer.Host == "" || issuer.RawQuery != "" || issuer.Fragment != "" || issuer.User != nil || !isSafe(issuer)) {
		errs = append(errs, fmt.Errorf("RELANCE_CONSOLE_OIDC_ISSUER is %q; expected the issuer's address as its tokens give it, with https, for example https://login.example.com/realms/sales", c.OIDC.Issuer))
	}
	if c.URL != nil && !isSafe(c.URL) {
		errs = append(errs, fmt.Errorf("RELANCE_CONSOLE_URL is %q; with RELANCE_CONSOLE_AUTH=oidc expected https, or an address of this machine", c.URL))
	}
	if slices.Contains(c.OIDC.Allowed, "*") {
		errs = append(errs, errors.New("RELANCE_CONSOLE_ALLOWED is *, which is everybody who has an account there; expected domains or addresses, for example example.com"))
	}
	return errors.Join(errs...)
}

// isSafe is true for an address whose way is encrypted, or does not leave this machine.
func isSafe(address *url.URL) bool {
	return address.Scheme == "https" || address.Scheme == "http" && isThisMachine(address.Hostname())
}
