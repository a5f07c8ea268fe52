package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	mathrand "math/rand/v2"
	"strings"
	"sync"
)

// canary is a text that no output may hold.
type canary struct {
	Text     string `json:"text"`
	Shape    string `json:"shape"`
	Scenario string `json:"scenario"`
}

// innocent is an ordinary text that must be in the output of every event that holds it.
type innocent struct {
	Text     string `json:"text"`
	Scenario string `json:"scenario"`
}

// plant makes up secrets and ordinary values and remembers them.
type plant struct {
	mu        sync.Mutex
	dice      *mathrand.Rand
	all       bool
	scenario  string
	canaries  []canary
	innocents []innocent
}

func newPlant(seed uint64, all bool) *plant {
	return &plant{dice: mathrand.New(mathrand.NewPCG(seed, 0x6175646974776569)), all: all, scenario: "set-up"}
}

func (p *plant) remember(shape, text string) {
	p.canaries = append(p.canaries, canary{text, shape, p.scenario})
}

func (p *plant) letters(alphabet string, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[p.dice.IntN(len(alphabet))]
	}
	return string(out)
}

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
	hexes  = "0123456789abcdef"
	base62 = digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + lower
	url64  = base62 + "-_"
)

// id makes an unremarkable part of a name.
func (p *plant) id() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.letters("bcdfghjklmnpqrstvwxz2456789", 5)
}

// keep remembers an ordinary text.
func (p *plant) keep(text string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, known := range p.innocents {
		if known.Text == text {
			return text
		}
	}
	p.innocents = append(p.innocents, innocent{text, p.scenario})
	return text
}

// word makes a secret of lower-case letters alone.
func (p *plant) word() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newWord()
}

func (p *plant) newWord() string {
	word := "zq" + p.letters(lower, 12)
	p.remember("word", word)
	return word
}

// number makes a secret of digits alone.
func (p *plant) number() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := "8" + p.letters(digits, 14)
	p.remember("number", text)
	return text
}

// held remembers a credential that the driver holds and that should not even be in the log.
func (p *plant) held(text string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remember("held", text)
	return text
}

// issued remembers a JSON web token that the server issued: whole, and its signature.
func (p *plant) issued(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if token == "" {
		return
	}
	p.remember("issued-token", token)
	if at := strings.LastIndexByte(token, '.'); at >= 0 {
		p.remember("issued-token-signature", token[at+1:])
	}
}

// value makes a secret as it may stand where every value is one: any text at all.
func (p *plant) value() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.dice.IntN(13) {
	case 0:
		return "pa\"ss\\" + p.newWord() + "<&>"
	case 1:
		return "käse " + p.newWord() + " ✓ 漢\U0001F511"
	case 2:
		return p.newWord() + "\n\tsecond " + p.newWord() + "\r\n"
	case 3:
		text := "8" + p.letters(digits, 14)
		p.remember("number", text)
		return text
	case 4:
		return "P@ss/" + p.newWord() + "%41+=&x=1#"
	case 5:
		return "postgres://app:" + p.newWord() + "@db.shop.svc:5432/till?sslmode=require"
	case 6:
		return `{"user":"till","password":"` + p.newWord() + `","n":1}`
	case 7:
		text := p.letters(hexes, 32)
		p.remember("hex", text)
		return text
	case 8:
		return strings.Repeat("-", 700) + p.newWord() + strings.Repeat("-", 700)
	case 9:
		return "correct horse " + p.newWord() + " staple"
	case 10:
		return "user: till\npassword: " + p.newWord() + "\n"
	default:
		return p.newWord()
	}
}

// token makes a credential that is one by its looks, for places where any text may stand.
func (p *plant) token() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newToken(true)
}

// nameToken makes one that may be part of an object's name: lower-case letters, digits, dashes.
func (p *plant) nameToken() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := "dop" + "_v1_" + p.letters(hexes, 64)
	if !p.all {
		text = "glpat-" + p.letters(lower+digits, 20)
	}
	p.remember("name-token", text)
	return text
}

// pathToken makes one without a slash, which would tear it apart in a path.
func (p *plant) pathToken() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := "sha256~" + p.letters(url64, 43)
	p.remember("openshift", text)
	return text
}

func (p *plant) newToken(long bool) string {
	remembered := func(shape, text string) string {
		p.remember(shape, text)
		return text
	}
	choices := 5
	if p.all {
		choices = 17
	}
	switch p.dice.IntN(choices) {
	case 0:
		if long {
			return p.newJWT()
		}
		fallthrough
	case 1:
		// The checksum does not hold, so that no forge takes it for a leak.
		body := p.letters(base62, 30)
		sum := crc32.ChecksumIEEE([]byte(body)) + 1
		if p.all {
			sum--
		}
		tail := make([]byte, 6)
		for i := 5; i >= 0; i-- {
			tail[i] = base62sum[sum%62]
			sum /= 62
		}
		return remembered("github", "gh"+"p_"+body+string(tail))
	case 2:
		return remembered("openshift", "sha256~"+p.letters(url64, 43))
	case 3:
		secret := p.letters(base62, 24)
		p.remember("bearer", secret)
		return "Authorization: Bearer " + secret
	case 4:
		return "https://deploy:" + p.newWord() + "@git.example.com/shop.git"
	case 5:
		return remembered("gitlab", "gl"+"pat-"+p.letters(url64, 20))
	case 6:
		return remembered("slack", "xo"+"xb-"+p.letters(digits, 12)+"-"+p.letters(digits, 12)+"-"+p.letters(base62, 24))
	case 7:
		return remembered("stripe", "sk_"+"live_"+p.letters(base62, 24))
	case 8:
		return remembered("vault", "hv"+"s."+p.letters(url64, 95))
	case 9:
		return remembered("npm", "np"+"m_"+p.letters(base62, 36))
	case 10:
		return remembered("aws", "AK"+"IA"+p.letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16))
	case 11:
		return remembered("google", "AI"+"za"+p.letters(base62, 35))
	case 12:
		return remembered("docker", "dckr"+"_pat_"+p.letters(base62, 27))
	case 13:
		return remembered("sendgrid", "S"+"G."+p.letters(base62, 22)+"."+p.letters(base62, 43))
	case 14:
		return remembered("huggingface", "h"+"f_"+p.letters(lower, 34))
	case 15:
		return remembered("pypi", "py"+"pi-AgEIcHlwaS5vcmc"+p.letters(url64, 80))
	default:
		return remembered("databricks", "da"+"pi"+p.letters(hexes, 32))
	}
}

// base62sum is the order of digits in GitHub's checksums.
const base62sum = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// jwt makes a JSON web token.
func (p *plant) jwt() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newJWT()
}

func (p *plant) newJWT() string {
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))
	body := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"sub":"%s","iat":1516239022}`, p.letters(lower, 9)))
	signature := p.letters(url64, 43)
	p.remember("jwt-signature", signature)
	return head + "." + body + "." + signature
}

// header makes an `Authorization` value of HTTP basic authentication.
func (p *plant) basic() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte("till:"+p.newWord()))
}

// key makes a private key in PEM; a line of it is the canary. (Not from the seed: the standard
// library does not let one choose.)
func (p *plant) key() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	p.remember("private-key", strings.Split(text, "\n")[1])
	return text
}

func gzipped(text []byte) []byte {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	writer.Write(text)
	writer.Close()
	return out.Bytes()
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func hexed(text string) string { return hex.EncodeToString([]byte(text)) }

// escaped writes a text as a JSON string in which every unit is a \u escape.
func escaped(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range text {
		if r >= 0x10000 {
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04X`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
			continue
		}
		fmt.Fprintf(&out, `\u%04x`, r)
	}
	out.WriteByte('"')
	return out.String()
}

// js writes a value as JSON.
func js(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}
