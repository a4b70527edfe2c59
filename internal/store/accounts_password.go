package store

import (
	"errors"
	"fmt"

	"relance/internal/campaign"
	"relance/internal/secretbox"
)

// ErrNoSecretKey is returned where a password would have to be kept or read
// and no key was given.
var ErrNoSecretKey = errors.New("RELANCE_SECRET_KEY is not set, so SMTP passwords can be neither stored nor read; set it to 32 random bytes in base64 (openssl rand -base64 32)")

// sealPassword seals the password of an account to its address, so that it
// cannot be moved to another row. The empty one needs no key and is NULL.
func (s *Store) sealPassword(address string, password campaign.Secret) ([]byte, error) {
	sealed, err := s.box.Seal(address, string(password))
	return sealed, passwordError(address, err)
}

func (s *Store) openPassword(address string, sealed []byte) (campaign.Secret, error) {
	password, err := s.box.Open(address, sealed)
	return campaign.Secret(password), passwordError(address, err)
}

func passwordError(address string, err error) error {
	switch {
	case errors.Is(err, secretbox.ErrNoKey):
		return ErrNoSecretKey
	case errors.Is(err, secretbox.ErrDamaged):
		return &Error{Kind: ErrRefused, Text: "the stored password of " + address + " is damaged", Cause: err}
	case errors.Is(err, secretbox.ErrOtherKey):
		return &Error{Kind: ErrRefused, Text: "the stored password of " + address + " was sealed with another RELANCE_SECRET_KEY", Cause: err}
	case err != nil:
		return fmt.Errorf("the password of %s: %w", address, err)
	}
	return nil
}
