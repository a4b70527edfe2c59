package reply

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMechanismRefused(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"504 5.7.4 Unrecognized authentication type":                             true,
		"504 5.7.4 Unrecognized authentication type [SN1NAM02FT025.outlook.com]": true,
		"504 5.5.4 Command parameter not implemented":                            true,
		"504": true,
		"534 5.7.9 Authentication mechanism is too weak": true,
		"534": true,
		"538 5.7.11 Encryption required for requested authentication mechanism":    true,
		"501 5.5.4 Unrecognized parameter":                                         true,
		"501 Syntax error in parameters":                                           true,
		"500 5.5.2 unrecognized command":                                           true,
		"502 5.5.1 Command not implemented":                                        true,
		"535 5.7.8 Error: authentication failed: Invalid authentication mechanism": true,
		"535 5.7.8 Error: authentication failed: no mechanism available":           true,
		"535 5.7.4 not here":                                                       true,
		"535 5.7.8 Username and Password not accepted":                             false,
		"535 Incorrect authentication data":                                        false,
		"535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6":                     false,
		"535": false,
		"534 5.7.9 Application-specific password required":                          false,
		"534 5.7.14 Please log in via your web browser and then try again":          false,
		"535 5.7.139 Authentication unsuccessful, basic authentication is disabled": false,
		"535 5.7.139 SmtpClientAuthentication is disabled for the Tenant":           false,
		"550 User has no permission":                                                false,
		"454 4.7.0 Temporary authentication failure":                                false,
		"432 4.7.12 A password transition is needed":                                false,
		"421 4.7.0 Too many errors":                                                 false,
		"501 5.5.2 Invalid user name":                                               false,
	} {
		r, err := Parse(line)
		require.NoError(t, err)
		require.False(t, MechanismRefused(r), "at RCPT no mechanism is refused")
		r.Phase = Auth
		require.Equal(t, want, MechanismRefused(r), line)
	}
}
