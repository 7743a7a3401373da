/* SPDX-License-Identifier: Apache-2.0 */
/* The web server of a module against OpenSSL, with a carrier in between that does what it likes. */
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/wire/wire.h"
#include "runtime/https/https.h"
#include "runtime/runtime.h"
#include "tests/lib/support.h"

/* ---- what the module stands on ---- */

static uint8_t kernel_random[16] = {1}, epoch_drawn = 1, canary[8];

const uint8_t *semo_ground_random(void)
{
    return kernel_random;
}

void semo_ground_protect(const uint8_t bytes[8])
{
    memcpy(canary, bytes, sizeof canary);
}

void semo_epoch_draw(uint8_t epoch[8])
{
    memset(epoch, epoch_drawn, 8);
}

/* Any function of the message: who knows the key is not asked here. */
enum semo_status semo_crypto_mac(const uint8_t *key, const uint8_t *bytes, unsigned len,
                                 uint8_t *tag)
{
    assert_null(key);
    assert_int_equal(bytes[0], SEMO_DOMAIN_HTTPS);
    for (unsigned i = 0; i < SEMO_TAG_LEN; i++)
        tag[i] = (uint8_t)(bytes[i % len] * 7 + i);
    return SEMO_OK;
}

/* ---- the application: a page for each path but /none ---- */

static bool hold; /* no answers yet */
static unsigned page_len;

static void answer(void)
{
    uint8_t page[SEMO_HTTPS_PAGE_MAX];
    const char *path;
    while ((path = semo_https_asked())) {
        memset(page, 'x', sizeof page);
        unsigned len = (unsigned)snprintf((char *)page, sizeof page, "this is %s.", path);
        page[len] = 'x';
        semo_https_answer(page, strcmp(path, "/none") == 0 ? 0 : page_len > len ? page_len : len);
    }
}

/* One call of the carrier: at most `room` bytes of the answer are looked at. */
struct answer {
    uint32_t number;
    unsigned state, taken, len;
    uint8_t bytes[SEMO_HTTPS_CALL_MAX];
};

static struct answer carry(uint32_t number, const uint8_t *bytes, unsigned len)
{
    struct answer a;
    uint8_t call[SEMO_HTTPS_CALL_MAX];
    for (unsigned i = 0; i < 4; i++)
        call[i] = (uint8_t)(number >> 8 * i);
    if (len)
        memcpy(call + 4, bytes, len);
    unsigned got = semo_https_carry(call, 4 + len);
    assert_in_range(got, SEMO_HTTPS_ANSWER_HEAD, SEMO_HTTPS_CALL_MAX);
    a.number = call[0] | call[1] << 8 | call[2] << 16 | (uint32_t)call[3] << 24;
    a.state = call[4];
    a.taken = call[5] | (unsigned)call[6] << 8;
    a.len = got - SEMO_HTTPS_ANSWER_HEAD;
    memcpy(a.bytes, call + SEMO_HTTPS_ANSWER_HEAD, a.len);
    assert_in_range(a.state, SEMO_HTTPS_OPEN, SEMO_HTTPS_CLOSED);
    assert_in_range(a.taken, 0, len);
    if (!hold)
        answer();
    return a;
}

/* ---- a browser ---- */

struct browser {
    SSL *ssl;
    uint32_t number;
    const char *request;
    size_t asked;
    bool shaken, failed, closed; /* closed: by the module */
    char page[4096];
    size_t page_len;
    uint8_t waiting[1 << 17]; /* for the module */
    size_t waiting_len;
};

/* What the carrier does to the bytes of one session, counted over both directions. */
struct fate {
    uint64_t *random;       /* pieces of any length; NULL: as they come */
    size_t flip, lose, say; /* position where, SIZE_MAX: nowhere; say: twice */
    size_t at;
};
static const struct fate fair = {NULL, SIZE_MAX, SIZE_MAX, SIZE_MAX, 0};

static SSL_CTX *trusting; /* the module's certificate and no other */

static void pin(void)
{
    uint8_t der[SEMO_HTTPS_CERTIFICATE_MAX];
    const uint8_t *at = der;
    unsigned len = semo_https_certificate(der);
    X509 *x = d2i_X509(NULL, &at, len);
    assert_non_null(x);
    SSL_CTX_free(trusting);
    trusting = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(trusting, SSL_VERIFY_PEER, NULL);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(trusting), x);
    X509_free(x);
}

static struct browser *browser_new(const char *request)
{
    struct browser *b = test_calloc(1, sizeof *b);
    b->ssl = SSL_new(trusting);
    SSL_set_bio(b->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set1_host(b->ssl, "localhost");
    SSL_set_connect_state(b->ssl);
    b->request = request;
    return b;
}

static void browser_free(struct browser *b)
{
    SSL_free(b->ssl);
    test_free(b);
}

/* Whatever it can do now. */
static void think(struct browser *b)
{
    int n = 1;
    if (!b->shaken) {
        n = SSL_do_handshake(b->ssl);
        b->shaken = n == 1;
    }
    while (b->shaken && b->asked < strlen(b->request) &&
           (n = SSL_write(b->ssl, b->request + b->asked, (int)strlen(b->request + b->asked))) > 0)
        b->asked += (size_t)n;
    while (b->shaken && b->page_len < sizeof b->page - 1 &&
           (n = SSL_read(b->ssl, b->page + b->page_len, (int)(sizeof b->page - 1 - b->page_len))) >
               0)
        b->page_len += (size_t)n;
    if (n <= 0 && SSL_get_error(b->ssl, n) == SSL_ERROR_SSL)
        b->failed = true;
    n = BIO_read(SSL_get_wbio(b->ssl), b->waiting + b->waiting_len,
                 (int)(sizeof b->waiting - b->waiting_len));
    b->waiting_len += n > 0 ? (size_t)n : 0;
}

static unsigned piece(const struct fate *f, size_t most)
{
    size_t room = SEMO_HTTPS_CALL_MAX - SEMO_HTTPS_CALL_HEAD;
    most = most < room ? most : room;
    return (unsigned)(f->random && most ? test_random(f->random) % most + 1 : most);
}

/* Bytes on their way: changed, lost or repeated where the fate says so. */
static unsigned travel(struct fate *f, const uint8_t *from, unsigned len, uint8_t *to)
{
    unsigned n = 0;
    for (unsigned i = 0; i < len; i++, f->at++) {
        if (f->at == f->lose)
            continue;
        to[n++] = f->at == f->flip ? from[i] ^ 0x10 : from[i];
        if (f->at == f->say)
            to[n++] = from[i];
    }
    return n;
}

/* One turn of the carrier. False: nothing moved. */
static bool turn(struct browser *b, struct fate *f)
{
    uint8_t there[2 * SEMO_HTTPS_CALL_MAX];
    think(b);
    unsigned len = piece(f, b->waiting_len), on = travel(f, b->waiting, len, there);
    on = on <= SEMO_HTTPS_CALL_MAX - SEMO_HTTPS_CALL_HEAD ? on : len;
    struct answer a = carry(b->number, there, on);
    unsigned taken = a.taken == on ? len : a.taken;
    b->number = a.number;
    b->waiting_len -= taken;
    memmove(b->waiting, b->waiting + taken, b->waiting_len);
    len = travel(f, a.bytes, a.len, there);
    BIO_write(SSL_get_rbio(b->ssl), there, (int)len);
    b->closed = a.state == SEMO_HTTPS_CLOSED;
    think(b);
    return taken || a.len || a.state == SEMO_HTTPS_MORE || a.state == SEMO_HTTPS_LATER;
}

/* Until the module ends the connection, or nothing moves any more; bytes that travelled. */
static size_t browse(struct browser *b, struct fate f)
{
    for (unsigned still = 0; !b->closed && !b->failed && still < 3;)
        still = turn(b, &f) ? 0 : still + 1;
    return f.at;
}

/* The status of its answer, 0: none; *body: what came. */
static unsigned said(const struct browser *b, const char **body)
{
    unsigned status = 0;
    const char *end = strstr(b->page, "\r\n\r\n");
    if (!end || sscanf(b->page, "HTTP/1.1 %3u ", &status) != 1)
        return 0;
    *body = end + 4;
    return status;
}

static bool gets(const char *request, struct fate f, const char *wanted)
{
    struct browser *b = browser_new(request);
    const char *body = "";
    browse(b, f);
    bool good = said(b, &body) == 200 && strcmp(body, wanted) == 0;
    browser_free(b);
    return good;
}

#define HELLO "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define PAGE  "this is /."

/* ---- tests ---- */

static int begin(void **state)
{
    (void)state;
    hold = false;
    page_len = 0;
    pin();
    return 0;
}

static void the_certificate_is_what_it_says(void **state)
{
    uint8_t der[SEMO_HTTPS_CERTIFICATE_MAX];
    const uint8_t *at = der;
    X509 *x = d2i_X509(NULL, &at, semo_https_certificate(der));
    EVP_PKEY *key = X509_get0_pubkey(x);
    char curve[32];
    (void)state;
    assert_int_equal(X509_verify(x, key), 1);
    assert_int_equal(X509_get_version(x), 2);
    assert_int_equal(EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL), 1);
    assert_string_equal(curve, "prime256v1");
    assert_int_equal(X509_check_host(x, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_host(x, "other", 0, 0, NULL), 0);
    assert_true(X509_cmp_current_time(X509_get0_notBefore(x)) < 0);
    assert_true(X509_cmp_current_time(X509_get0_notAfter(x)) > 0);
    assert_int_not_equal(canary[0] | canary[1] | canary[2] | canary[3], 0);
    X509_free(x);
}

/* The certificate of a process that begins with these. */
static void other_life(uint8_t kernel, uint8_t epoch, uint8_t *der)
{
    int fd[2], status;
    assert_int_equal(pipe(fd), 0);
    memset(der, 0, SEMO_HTTPS_CERTIFICATE_MAX);
    pid_t pid = fork();
    if (pid == 0) {
        uint8_t mine[SEMO_HTTPS_CERTIFICATE_MAX];
        kernel_random[0] = kernel;
        epoch_drawn = epoch;
        unsigned len = semo_https_certificate(mine);
        _exit(write(fd[1], mine, len) != (ssize_t)len);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(read(fd[0], der, SEMO_HTTPS_CERTIFICATE_MAX) > 200);
    close(fd[0]);
    close(fd[1]);
}

/* Runs first: no key was made in this process yet. */
static void another_life_has_another_key(void **state)
{
    uint8_t a[4][SEMO_HTTPS_CERTIFICATE_MAX];
    (void)state;
    other_life(1, 1, a[0]);
    other_life(1, 1, a[1]);
    other_life(2, 1, a[2]);
    other_life(1, 2, a[3]);
    assert_memory_equal(a[0], a[1], sizeof a[0]);
    for (unsigned i = 2; i < 4; i++)
        assert_memory_not_equal(a[0] + 140, a[i] + 140, 65); /* the key's point is in there */
    assert_memory_not_equal(a[2] + 140, a[3] + 140, 65);
}

static void a_browser_gets_its_page(void **state)
{
    static const char *const suites[] = {"ECDHE-ECDSA-CHACHA20-POLY1305",
                                         "ECDHE-ECDSA-AES128-GCM-SHA256"};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct browser *b = browser_new(HELLO);
        const char *body = "";
        SSL_set_cipher_list(b->ssl, suites[i]);
        browse(b, fair);
        assert_int_equal(said(b, &body), 200);
        assert_string_equal(body, PAGE);
        assert_string_equal(SSL_get_cipher(b->ssl), suites[i]);
        assert_int_equal(SSL_get_shutdown(b->ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
        assert_true(b->closed);
        browser_free(b);
    }
}

/* It negotiates records that hold a short page and no long one. */
static void a_record_is_never_longer_than_agreed(void **state)
{
    static const unsigned lens[] = {0, 300, 600, SEMO_HTTPS_PAGE_MAX};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct browser *b = browser_new(HELLO);
        const char *body = "";
        SSL_set_tlsext_max_fragment_length(b->ssl, TLSEXT_max_fragment_length_512);
        page_len = lens[i];
        browse(b, fair);
        assert_false(b->failed);
        assert_int_equal(said(b, &body), i < 2 ? 200 : 0);
        assert_true(b->closed);
        browser_free(b);
    }
}

static void bytes_come_in_any_pieces(void **state)
{
    uint64_t seed = test_seed();
    (void)state;
    for (unsigned i = 0; i < test_count() / 50; i++) {
        struct fate f = fair;
        f.random = &seed;
        page_len = (unsigned)(test_random(&seed) % SEMO_HTTPS_PAGE_MAX) + 1;
        struct browser *b = browser_new(HELLO);
        const char *body = "";
        browse(b, f);
        assert_int_equal(said(b, &body), 200);
        assert_int_equal(strlen(body), page_len > strlen(PAGE) ? page_len : strlen(PAGE));
        browser_free(b);
    }
    page_len = SEMO_HTTPS_PAGE_MAX;
    struct browser *b = browser_new(HELLO);
    const char *body = "";
    browse(b, fair);
    assert_int_equal(said(b, &body), 200);
    assert_int_equal(strlen(body), SEMO_HTTPS_PAGE_MAX);
    browser_free(b);
}

/* Bytes of any session before the end of its page: the last record says that nothing follows, and
 * signatures are not all of the same length. */
static size_t session_len(void)
{
    enum { LAST = 5 + 2 + 16, DIFFERENCE = 8 };
    struct browser *b = browser_new(HELLO);
    size_t len = browse(b, fair);
    browser_free(b);
    return len - LAST - DIFFERENCE;
}

/* Whatever is changed, lost or repeated: no page, or exactly the module's. What does not count are
 * versions in the heads of the very first records, and what follows a request. The next browser is
 * served. */
static void a_hostile_carrier_gets_no_other_page_through(void **state)
{
    uint64_t seed = test_seed();
    const size_t len = session_len();
    unsigned unharmed = 0, count = (unsigned)test_count() / 4;
    (void)state;
    for (unsigned i = 0; i < count; i++) {
        struct fate f = fair;
        size_t *harm[] = {&f.flip, &f.lose, &f.say};
        *harm[i % 3] = test_random(&seed) % len;
        struct browser *b = browser_new(HELLO);
        const char *body = "";
        browse(b, f);
        if (said(b, &body) == 200)
            assert_string_equal(body, PAGE);
        unharmed += b->page_len > 0;
        browser_free(b);
        assert_true(i % 16 || gets(HELLO, fair, PAGE));
    }
    print_message("# %u of %u sessions were not harmed\n", unharmed, count);
    assert_in_range(unharmed, 0, 3 + count / 100);
}

static void whoever_has_another_key_is_refused(void **state)
{
    struct browser *b = browser_new(HELLO);
    (void)state;
    SSL_CTX *nothing = SSL_CTX_new(TLS_client_method());
    SSL_free(b->ssl);
    SSL_CTX_set_verify(nothing, SSL_VERIFY_PEER, NULL);
    b->ssl = SSL_new(nothing);
    SSL_set_bio(b->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(b->ssl);
    browse(b, fair);
    assert_true(b->failed);
    assert_int_equal(b->page_len, 0);
    browser_free(b);
    SSL_CTX_free(nothing);
}

static void other_protocols_are_refused(void **state)
{
    static const struct {
        int least, most;
        const char *ciphers;
    } others[] = {{TLS1_3_VERSION, TLS1_3_VERSION, NULL},
                  {TLS1_VERSION, TLS1_1_VERSION, "ALL:@SECLEVEL=0"},
                  {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256"},
                  {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"}};
    (void)state;
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        struct browser *b = browser_new(HELLO);
        SSL_set_min_proto_version(b->ssl, others[i].least);
        SSL_set_max_proto_version(b->ssl, others[i].most);
        if (others[i].ciphers)
            assert_int_equal(SSL_set_cipher_list(b->ssl, others[i].ciphers), 1);
        browse(b, fair);
        assert_false(b->shaken);
        assert_true(b->closed || b->failed);
        browser_free(b);
    }
    assert_true(gets(HELLO, fair, PAGE));
}

static void requests_of_every_shape(void **state)
{
    static char headers[70000], line[200];
    static const struct {
        const char *request;
        unsigned status;
    } shapes[] = {{"GET / HTTP/1.1\r\n\r\n", 200},
                  {"GET / HTTP/1.0\n\n", 200},
                  {"GET /other HTTP/1.1\r\nA: b\r\nC: d\r\n\r\nand more", 200},
                  {"GET /none HTTP/1.1\r\n\r\n", 404},
                  {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na=b", 405},
                  {"get / HTTP/1.1\r\n\r\n", 405},
                  {"GET / HTTP/2.0\r\n\r\n", 400},
                  {"GET  HTTP/1.1\r\n\r\n", 400},
                  {"GET /\r\n\r\n", 400},
                  {"\r\n\r\n", 405},
                  {"\n\n", 405},
                  {headers, 200},
                  {line, 400},
                  {"GET / HTTP/1.1\r\nHost: localhost\r\n", 0},
                  {"GET / HTTP/1.1", 0}};
    (void)state;
    size_t len = (size_t)sprintf(headers, "GET / HTTP/1.1\r\n");
    while (len < sizeof headers - 40)
        len += (size_t)sprintf(headers + len, "Header: %zu\r\n", len);
    strcpy(headers + len, "\r\n");
    memset(line, 'a', sizeof line - 1);
    memcpy(line, "GET /", 5);
    memcpy(line + sizeof line - 16, " HTTP/1.1\r\n\r\n", 14);
    for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct browser *b = browser_new(shapes[i].request);
        const char *body = "";
        browse(b, fair);
        if (said(b, &body) != shapes[i].status)
            fail_msg("%u, not %u: %s", said(b, &body), shapes[i].status, shapes[i].request);
        if (shapes[i].status >= 400)
            assert_string_equal(body, "");
        assert_int_equal(b->closed, shapes[i].status != 0);
        browser_free(b);
    }
}

static void nonsense_ends_nothing_but_itself(void **state)
{
    uint64_t seed = test_seed();
    uint8_t call[SEMO_HTTPS_CALL_MAX];
    (void)state;
    struct browser *b = browser_new(HELLO);
    turn(b, &(struct fate){NULL, SIZE_MAX, SIZE_MAX, SIZE_MAX, 0});
    for (unsigned i = 0; i < test_count(); i++) {
        unsigned len = (unsigned)(test_random(&seed) % (sizeof call - 3));
        test_fill(&seed, call, len);
        if (i % 2)
            memcpy(call, "\x16\x03\x01", len < 3 ? len : 3);
        carry(i % 4 ? 0 : (uint32_t)test_random(&seed), call, len);
        if (i % 16 == 0)
            turn(b, &(struct fate){NULL, SIZE_MAX, SIZE_MAX, SIZE_MAX, 0});
    }
    browse(b, fair);
    assert_non_null(strstr(b->page, PAGE));
    browser_free(b);
    for (unsigned len = 0; len < SEMO_HTTPS_CALL_HEAD; len++) {
        memset(call, 0xFF, sizeof call);
        assert_int_equal(semo_https_carry(call, len), SEMO_HTTPS_ANSWER_HEAD);
        assert_memory_equal(call, "\0\0\0\0\3\0\0", SEMO_HTTPS_ANSWER_HEAD);
    }
    assert_int_equal(carry(0x7FFFFFFF, call, 5).state, SEMO_HTTPS_CLOSED);
    assert_true(gets(HELLO, fair, PAGE));
}

static void one_more_ends_the_quietest(void **state)
{
    enum { COUNT = SEMO_HTTPS_CONNECTIONS };
    static struct browser *all[COUNT + 1];
    struct fate f = fair;
    unsigned served = 0;
    (void)state;
    for (unsigned i = 0; i < COUNT; i++)
        turn(all[i] = browser_new(HELLO), &f);
    turn(all[0], &f); /* so 1 is the one that was quiet for longest */
    turn(all[COUNT] = browser_new(HELLO), &f);
    assert_int_equal(carry(all[1]->number, NULL, 0).state, SEMO_HTTPS_CLOSED);
    for (unsigned i = 0; i <= COUNT; i++) {
        browse(all[i], fair);
        served += strstr(all[i]->page, PAGE) != NULL;
        assert_int_equal(strstr(all[i]->page, PAGE) != NULL, i != 1);
        browser_free(all[i]);
    }
    assert_int_equal(served, COUNT);
}

static void a_page_may_come_later(void **state)
{
    enum { COUNT = 5 };
    struct browser *all[COUNT];
    struct fate f = fair;
    char request[64], wanted[32];
    static char requests[COUNT][64];
    (void)state;
    hold = true;
    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(request, sizeof request, "GET /%u HTTP/1.1\r\n\r\n", i);
        strcpy(requests[i], request);
        all[i] = browser_new(requests[i]);
        for (unsigned k = 0; k < 8; k++)
            turn(all[i], &f);
        assert_true(all[i]->shaken);
        assert_int_equal(all[i]->page_len, 0);
        assert_int_equal(carry(all[i]->number, NULL, 0).state, SEMO_HTTPS_LATER);
    }
    assert_string_equal(semo_https_asked(), "/0");
    hold = false;
    answer();
    assert_null(semo_https_asked());
    for (unsigned i = COUNT; i-- > 0;) {
        browse(all[i], fair);
        snprintf(wanted, sizeof wanted, "\r\n\r\nthis is /%u.", i);
        assert_non_null(strstr(all[i]->page, wanted));
        browser_free(all[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_life_has_another_key),
        cmocka_unit_test_setup(the_certificate_is_what_it_says, begin),
        cmocka_unit_test_setup(a_browser_gets_its_page, begin),
        cmocka_unit_test_setup(a_record_is_never_longer_than_agreed, begin),
        cmocka_unit_test_setup(bytes_come_in_any_pieces, begin),
        cmocka_unit_test_setup(a_hostile_carrier_gets_no_other_page_through, begin),
        cmocka_unit_test_setup(whoever_has_another_key_is_refused, begin),
        cmocka_unit_test_setup(other_protocols_are_refused, begin),
        cmocka_unit_test_setup(requests_of_every_shape, begin),
        cmocka_unit_test_setup(nonsense_ends_nothing_but_itself, begin),
        cmocka_unit_test_setup(one_more_ends_the_quietest, begin),
        cmocka_unit_test_setup(a_page_may_come_later, begin),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    SSL_CTX_free(trusting);
    return failed;
}
