package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"relance/internal/campaign"
)

// ErrNoSecretKey is returned where a password would have to be kept or read
// and no key was given.
var ErrNoSecretKey = errors.New("RELANCE_SECRET_KEY is not set, so SMTP passwords can be neither stored nor read; set it to 32 random bytes in base64 (openssl rand -base64 32)")

// box seals SMTP passwords with AES-256-GCM. The address of the account is
// authenticated with it, so that a sealed password cannot be moved to another row.
type box struct{ aead cipher.AEAD }

func newBox(key []byte) (box, error) {
	if key == nil {
		return box{}, nil
	}
	block, err := aes.NewCipher(key)
	if err != nil || len(key) != 32 {
		return box{}, fmt.Errorf("RELANCE_SECRET_KEY must be 32 bytes in base64; it has %d", len(key))
	}
	aead, err := cipher.NewGCM(block)
	return box{aead}, err
}

// seal returns nonce and ciphertext; an empty password needs no key and is NULL.
func (b box) seal(address string, password campaign.Secret) ([]byte, error) {
	if password == "" {
		return nil, nil
	}
	if b.aead == nil {
		return nil, ErrNoSecretKey
	}
	nonce := make([]byte, b.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return b.aead.Seal(nonce, nonce, []byte(password), []byte(address)), nil
}

func (b box) open(address string, sealed []byte) (campaign.Secret, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	if b.aead == nil {
		return "", ErrNoSecretKey
	}
	if len(sealed) < b.aead.NonceSize() {
		return "", fmt.Errorf("the stored password of %s is damaged", address)
	}
	nonce, text := sealed[:b.aead.NonceSize()], sealed[b.aead.NonceSize():]
	password, err := b.aead.Open(nil, nonce, text, []byte(address))
	if err != nil {
		return "", fmt.Errorf("the stored password of %s was sealed with another RELANCE_SECRET_KEY", address)
	}
	return campaign.Secret(password), nil
}
