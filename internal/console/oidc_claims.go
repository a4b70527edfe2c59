package console

import (
	"crypto/subtle"
	"fmt"
	"strings"

	"relance/internal/plaintext"
)

// maxAddress is the longest address there is (RFC 5321 §4.5.3.1).
const maxAddress = 254

// accountOf reads who somebody is, and that the address is theirs.
func (c *Console) accountOf(claims map[string]any) (account, error) {
	email, _ := claims["email"].(string)
	name, _ := claims["name"].(string)
	if email == "" {
		return account{}, &untrue{"The provider does not say your address. It has to give the claim email."}
	}
	if email != plaintext.Line(email, maxAddress) || strings.ContainsAny(email, " ,;<>\"") {
		return account{}, &untrue{"The provider gives an address that is none."}
	}
	email = strings.ToLower(email)
	if !isTrue(claims[c.Settings.OIDC.VerifiedClaim]) {
		return account{}, &untrue{fmt.Sprintf("The provider does not say that %s is yours: its claim %s is not true.", email, c.Settings.OIDC.VerifiedClaim)}
	}
	return account{Email: email, Name: plaintext.Line(name, plaintext.Name), Groups: c.Settings.OIDC.Known(texts(claims[c.Settings.OIDC.GroupsClaim]))}, nil
}

// isTrue reads a claim that some providers write as a text or a number.
func isTrue(claim any) bool {
	switch claim {
	case true, "true", "1", float64(1):
		return true
	}
	return false
}

// texts reads a claim that is a list, or one alone.
func texts(claim any) (list []string) {
	switch claim := claim.(type) {
	case string:
		return []string{claim}
	case []any:
		for _, one := range claim {
			if text, ok := one.(string); ok {
				list = append(list, text)
			}
		}
	}
	return list
}

// same compares two secrets, of which an empty one is none.
func same(one, other string) bool {
	return one != "" && subtle.ConstantTimeCompare([]byte(one), []byte(other)) == 1
}
