// Package secretbox seals short secrets with AES-256-GCM, each to the name of
// what it belongs to: a sealed secret that is moved to another name does not open.
// It imports nothing of the project.
package secretbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// Errors of a Box.
var (
	// ErrNoKey means that a secret is to be sealed or opened and there is no key.
	ErrNoKey = errors.New("no secret key was given")
	// ErrDamaged means that what was sealed is too short to be opened.
	ErrDamaged = errors.New("the sealed secret is damaged")
	// ErrOtherKey means that it was sealed with another key, or for another name.
	ErrOtherKey = errors.New("it was sealed with another key")
)

// KeySize is the number of bytes of a key.
const KeySize = 32

// Box seals and opens with one key. The zero value has no key: it seals and opens
// the empty secret only.
type Box struct{ aead cipher.AEAD }

// New returns the box of a key of KeySize bytes; nil is the box without a key.
func New(key []byte) (Box, error) {
	if key == nil {
		return Box{}, nil
	}
	if len(key) != KeySize {
		return Box{}, fmt.Errorf("a secret key has %d bytes; this one has %d", KeySize, len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return Box{}, err
	}
	aead, err := cipher.NewGCM(block)
	return Box{aead}, err
}

// Seal returns nonce and ciphertext. The empty secret needs no key and is nil.
func (b Box) Seal(name, secret string) ([]byte, error) {
	if secret == "" {
		return nil, nil
	}
	if b.aead == nil {
		return nil, ErrNoKey
	}
	nonce := make([]byte, b.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return b.aead.Seal(nonce, nonce, []byte(secret), []byte(name)), nil
}

// Open returns what Seal has sealed for the name.
func (b Box) Open(name string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	if b.aead == nil {
		return "", ErrNoKey
	}
	if len(sealed) < b.aead.NonceSize() {
		return "", ErrDamaged
	}
	nonce, text := sealed[:b.aead.NonceSize()], sealed[b.aead.NonceSize():]
	secret, err := b.aead.Open(nil, nonce, text, []byte(name))
	if err != nil {
		return "", ErrOtherKey
	}
	return string(secret), nil
}
