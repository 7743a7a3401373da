/* SPDX-License-Identifier: Apache-2.0 */
/* Deploy, attest, set-key, event, reload and re-key (docs/wire.md; design section 5), checked by
 * spin against an attacker who owns the network and both nodes: what was ever sent stays in his
 * hands, to be delivered at any time, any number of times, or never; he reloads modules as he likes.
 * Module 0 sends, module 1 receives, over two connections. Cryptography is ideal: a message exists
 * when its author made it.
 *
 * Each FAULT_... removes one rule of the protocol; proofs/protocol.sh shows that spin then finds an
 * attack, and finds none without faults. */

#define SENDER   0
#define RECEIVER 1
#define EPOCHS   2 /* instances of each module, one after the other; 0 = none yet */
#define KEYS     2 /* connection keys the deployer makes, numbered from 1 */
#define SERIALS  3
#define NUMBERS  2 /* sequence numbers of a key, then it is used up */
#define ASKED    2 /* times that each module is challenged */

#define ATTACKERS_KEY 3 /* a key that the attacker knows */
#define KEY_SLOTS 4

/* The rules, one for each fault. */
#define OF(m, k) ((m) * KEY_SLOTS + (k))

#ifdef FAULT_EPOCH_PRESET /* epochs come from a source that nobody can set back */
#define NEW_EPOCH(m) 1
#else
#define NEW_EPOCH(m) next_epoch[m]
#endif
#ifdef FAULT_NO_CLEAR /* private data of a new instance is zero */
#define FRESH(x) x
#else
#define FRESH(x) 0
#endif
#ifdef FAULT_NO_EPOCH /* a set-key names the epoch of the instance it is for */
#define EPOCH_FITS(m, k) true
#else
#define EPOCH_FITS(m, k) (key_epoch[OF(m, k)] == epoch[m])
#endif
#ifdef FAULT_NO_SERIAL /* its serial is greater than all before */
#define SERIAL_FITS(m, k) true
#else
#define SERIAL_FITS(m, k) (key_serial[OF(m, k)] > serial[m])
#endif
#ifdef FAULT_NO_CONNECTION /* it names the connection */
#define CONNECTION_FITS(k, c) true
#else
#define CONNECTION_FITS(k, c) (key_connection[k] == c)
#endif
#ifdef FAULT_NO_DIRECTION /* and the direction */
#define DIRECTION_FITS(m, in) true
#else
#define DIRECTION_FITS(m, in) (in == (m == RECEIVER))
#endif
#ifdef FAULT_OLD_ACK /* its answer echoes the request */
#define ANSWERED(m, k) (acknowledged[OF(m, 1)] || acknowledged[OF(m, 2)])
#else
#define ANSWERED(m, k) acknowledged[OF(m, k)]
#endif
#ifdef FAULT_SEQUENCE_WRAPS /* a key whose numbers are used up seals nothing more */
#define MAY_SEND(m, c) true
#else
#define MAY_SEND(m, c) (last[2 * (m) + c] < NUMBERS)
#endif
#ifdef FAULT_ACCEPT_EQUAL /* a number is accepted when it is greater than all before */
#define IS_NEWER(m, c, n) (n + 1 >= last[2 * m + c])
#else
#define IS_NEWER(m, c, n) (n + 1 > last[2 * m + c])
#endif
#ifdef FAULT_NO_TAG /* an event is opened only when its tag is right */
#define TAG_IS_RIGHT(k, n) true
#elif defined(FAULT_NO_DOMAIN) /* no entry authenticates for a stranger what another one believes */
#define TAG_IS_RIGHT(k, n) (event[(k) * NUMBERS + n] || k == ATTACKERS_KEY)
#else
#define TAG_IS_RIGHT(k, n) event[(k) * NUMBERS + n]
#endif

/* modules */
byte epoch[2];         /* of the running instance */
byte next_epoch[2];    /* the node's counter */
byte serial[2];        /* greatest key serial so far */
byte key[4];           /* of 2 * module + connection, 0 = none */
bool receives[4];      /* direction that was set */
byte last[4];          /* sequence numbers used or seen; the next one is greater */

/* what was sent: the attacker's store */
byte answer_epoch[2], answer_serial[2]; /* to the challenge that is open now; epoch 0 = none */
#ifdef FAULT_OLD_ANSWER /* an attest answer echoes the challenge that was asked now */
byte old_epoch[2], old_serial[2];
#define KEEP_OLD(m) if :: answer_epoch[m] -> old_epoch[m] = answer_epoch[m]; old_serial[m] = answer_serial[m] :: else fi
#else
#define KEEP_OLD(m)
#endif
bool key_sent[2 * KEY_SLOTS];               /* set-key messages */
byte key_epoch[2 * KEY_SLOTS], key_serial[2 * KEY_SLOTS], key_connection[KEY_SLOTS];
bool acknowledged[2 * KEY_SLOTS];           /* answers of set-key */
bool event[KEY_SLOTS * NUMBERS];            /* sealed under this key with this number */

/* what happened, for the properties only */
bool installed[2 * KEY_SLOTS];
bool accepted[KEY_SLOTS * NUMBERS];
byte asked_at[2]; /* the module's epoch when it was challenged */
byte asked[2];    /* times */

/* deployer */
bool attested[2];
byte known_epoch[2], known_serial[2];
byte next_key;
hidden byte slot; /* scratch */

inline reload(m)
{
    atomic {
        next_epoch[m] < EPOCHS ->
        next_epoch[m]++
        epoch[m] = NEW_EPOCH(m)
        serial[m] = 0
        key[2 * m] = FRESH(key[2 * m])
        key[2 * m + 1] = FRESH(key[2 * m + 1])
        receives[2 * m] = FRESH(receives[2 * m])
        receives[2 * m + 1] = FRESH(receives[2 * m + 1])
        last[2 * m] = 0
        last[2 * m + 1] = 0
    }
}

/* Anybody may ask a module to attest; only the deployer's challenge is of interest. */
inline answer(m)
{
    atomic {
        epoch[m] && asked[m] ->
        answer_epoch[m] = epoch[m]
        answer_serial[m] = serial[m]
    }
}

inline ask(m)
{
    atomic {
        asked[m] < ASKED ->
        asked[m]++
        asked_at[m] = epoch[m]
        attested[m] = false
        KEEP_OLD(m)
        answer_epoch[m] = 0
        answer_serial[m] = 0
    }
}

inline attest(m, with_epoch, with_serial)
{
    atomic {
        asked[m] && !attested[m] && with_epoch ->
        /* who was attested was there after the question */
        assert(with_epoch >= asked_at[m])
        attested[m] = true
        known_epoch[m] = with_epoch
        known_serial[m] = with_serial
    }
}

inline send_key(m, k)
{
    known_serial[m]++
    key_sent[OF(m, k)] = true
    key_epoch[OF(m, k)] = known_epoch[m]
    key_serial[OF(m, k)] = known_serial[m]
}

/* A new connection, or new keys for an old one. */
inline connect(c)
{
    atomic {
        attested[SENDER] && attested[RECEIVER] && next_key <= KEYS && known_serial[SENDER] < SERIALS && known_serial[RECEIVER] < SERIALS ->
        key_connection[next_key] = c
        send_key(SENDER, next_key)
        send_key(RECEIVER, next_key)
        next_key++
    }
}

/* No answer came. With the fault, the same key once more under the next serial; a new key for both
 * ends is `connect`. */
inline retry(m, k)
{
    atomic {
        attested[m] && key_sent[OF(m, k)] && known_serial[m] < SERIALS ->
        send_key(m, k)
    }
}

/* A set-key message, on the connection and in the direction that its carrier says. */
inline deliver_key(m, k, c, in)
{
    atomic {
        epoch[m] && key_sent[OF(m, k)] && EPOCH_FITS(m, k) && SERIAL_FITS(m, k) && CONNECTION_FITS(k, c) && DIRECTION_FITS(m, in) ->
        serial[m] = key_serial[OF(m, k)]
        key[2 * m + c] = k
        receives[2 * m + c] = in
        last[2 * m + c] = 0
        installed[OF(m, k)] = true
        acknowledged[OF(m, k)] = true
    }
}

/* The deployer reports a connection as made. */
inline report(k)
{
    atomic {
        k < next_key && ANSWERED(SENDER, k) && ANSWERED(RECEIVER, k) ->
        assert(installed[OF(SENDER, k)] && installed[OF(RECEIVER, k)])
    }
}

/* What an entry authenticates for anybody passes for a message of the deployer. */
inline forge_key(m, c)
{
    atomic {
        epoch[m] && serial[m] < SERIALS ->
        serial[m]++
        key[2 * m + c] = ATTACKERS_KEY
        receives[2 * m + c] = (m == RECEIVER)
        last[2 * m + c] = 0
    }
}

inline send(m, c)
{
    atomic {
        key[2 * m + c] && !receives[2 * m + c] && MAY_SEND(m, c) ->
        slot = last[2 * m + c] % NUMBERS
        last[2 * m + c] = slot + 1
        slot = key[2 * m + c] * NUMBERS + slot
        assert(!event[slot]) /* no key seals two events with one number */
        event[slot] = true
    }
}

/* Event n of its key reaches module m on connection c. */
inline deliver(m, c, n)
{
    atomic {
        key[2 * m + c] && receives[2 * m + c] && TAG_IS_RIGHT(key[2 * m + c], n) && IS_NEWER(m, c, n) ->
        slot = key[2 * m + c] * NUMBERS + n
        assert(event[slot])                             /* it was sent, */
        assert(m == RECEIVER)                          /* to this module, */
        assert(key_connection[key[2 * m + c]] == c)    /* on this connection, */
        assert(!accepted[slot])                         /* is accepted once, */
        assert(n == NUMBERS - 1 || !accepted[slot + 1]) /* and in order */
        accepted[slot] = true
        last[2 * m + c] = n + 1
    }
}

/* Every choice with constants: nothing but the state above tells two states apart. */
#define EACH_EVENT(m, c) :: deliver(m, c, 0) :: deliver(m, c, 1)
#define EACH_WAY(m, k, c) :: deliver_key(m, k, c, 0) :: deliver_key(m, k, c, 1)
#define EACH_KEY(m, c) EACH_WAY(m, 1, c) EACH_WAY(m, 2, c)
#define EACH_CONNECTION(m) EACH_KEY(m, 0) EACH_KEY(m, 1) EACH_EVENT(m, 0) EACH_EVENT(m, 1)
#define EACH_MODULE(m) \
    EACH_CONNECTION(m) \
    :: reload(m) :: ask(m) :: answer(m) \
    :: attest(m, answer_epoch[m], answer_serial[m])

init {
    next_key = 1
    do
    EACH_MODULE(SENDER)
    EACH_MODULE(RECEIVER)
    :: connect(0) :: connect(1)
    :: report(1) :: report(2)
    :: send(SENDER, 0) :: send(SENDER, 1) :: send(RECEIVER, 0)
#ifdef FAULT_OLD_ANSWER
    :: attest(SENDER, old_epoch[SENDER], old_serial[SENDER])
    :: attest(RECEIVER, old_epoch[RECEIVER], old_serial[RECEIVER])
#endif
#ifdef FAULT_SAME_KEY
    :: retry(SENDER, 1) :: retry(RECEIVER, 1)
#endif
#ifdef FAULT_NO_DOMAIN
    :: forge_key(SENDER, 0) :: forge_key(RECEIVER, 0)
#endif
    od
}
