using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>
/// What OpenSSL calls. Each finds its connection through ex-data, does its work inside try/catch and returns the code its
/// manual page documents; an exception must not cross C frames.
/// </summary>
internal static unsafe class Callbacks
{
    private static readonly int ConnectionIndex =
        LibCrypto.CRYPTO_get_ex_new_index(LibCrypto.CRYPTO_EX_INDEX_SSL, 0, null, null, null, null);

    private static readonly int StoreContextIndex = LibSsl.SSL_get_ex_data_X509_STORE_CTX_idx();

    /// <summary>A pem_password_cb; its argument is a <see cref="Passphrase"/>, or null for none.</summary>
    public static void* PassphraseCallback => (delegate* unmanaged<byte*, int, int, void*, int>)&OnPassphrase;

    /// <summary>What the callback answers; with a length of 0, that there is none.</summary>
    public readonly struct Passphrase(byte* start, int length)
    {
        public ReadOnlySpan<byte> Bytes => new(start, length);
    }

    public static void Register(nint ctx)
    {
        LibSsl.SSL_CTX_set_client_hello_cb(ctx, &OnClientHello, null);
        LibSsl.SSL_CTX_set_alpn_select_cb(ctx, &OnAlpn, null);
        LibSsl.SSL_CTX_sess_set_new_cb(ctx, &OnNewSession);
        LibSsl.SSL_CTX_sess_set_get_cb(ctx, &OnGetSession);
        if (LibSsl.SSL_CTX_set_session_ticket_cb(ctx, &OnMakeTicket, &OnTicketOpened, null) != 1 ||
            LibSsl.SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, &OnTicketKey) != 1 ||
            LibSsl.SSL_CTX_callback_ctrl(ctx, LibSsl.SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, (delegate* unmanaged<nint, void*, int>)&OnStatusRequest) != 1)
        {
            throw OpenSslException.FromQueue("Ticket and status callbacks");
        }
    }

    /// <summary>
    /// The new session of this TLS 1.2 handshake gets neither ID nor ticket.
    /// </summary>
    public static void IssueNothing(nint ssl) => LibSsl.SSL_set_not_resumable_session_callback(ssl, &OnNotResumable);

    /// <summary>Ties a connection to its SSL; the handle must stay allocated until SSL_free.</summary>
    public static void Attach(nint ssl, GCHandle connection)
    {
        if (LibSsl.SSL_set_ex_data(ssl, ConnectionIndex, (void*)GCHandle.ToIntPtr(connection)) != 1)
            throw OpenSslException.FromQueue("SSL_set_ex_data"); // no callback may find null
    }

    private static ServerConnection Find(nint ssl) =>
        Unsafe.As<ServerConnection>(GCHandle.FromIntPtr((nint)LibSsl.SSL_get_ex_data(ssl, ConnectionIndex)).Target!);

    [UnmanagedCallersOnly] // SSL_client_hello_cb_fn(3)
    private static int OnClientHello(nint ssl, int* alert, void* arg)
    {
        try
        {
            return Find(ssl).OnClientHello(alert);
        }
        catch (Exception fault)
        {
            *alert = LibSsl.SSL_AD_INTERNAL_ERROR;
            Find(ssl).Note(fault);
            return LibSsl.SSL_CLIENT_HELLO_ERROR;
        }
    }

    [UnmanagedCallersOnly] // SSL_CTX_set_alpn_select_cb(3)
    private static int OnAlpn(nint ssl, byte** output, byte* outputLength, byte* input, uint inputLength, void* arg)
    {
        try
        {
            return Find(ssl).OnAlpn(output, outputLength, new ReadOnlySpan<byte>(input, (int)inputLength));
        }
        catch (Exception fault)
        {
            Find(ssl).Note(fault);
            return LibSsl.SSL_TLSEXT_ERR_ALERT_FATAL;
        }
    }

    [UnmanagedCallersOnly] // SSL_CTX_set_tlsext_status_cb(3)
    private static int OnStatusRequest(nint ssl, void* arg)
    {
        try
        {
            return Find(ssl).OnStatusRequest();
        }
        catch (Exception fault)
        {
            Find(ssl).Note(fault);
            return LibSsl.SSL_TLSEXT_ERR_NOACK;
        }
    }

    [UnmanagedCallersOnly] // SSL_CTX_sess_set_new_cb(3); 0: we keep no reference
    private static int OnNewSession(nint ssl, nint session)
    {
        try
        {
            Find(ssl).OnNewSession(session);
        }
        catch (Exception fault)
        {
            Find(ssl).Note(fault);
        }

        return 0;
    }

    [UnmanagedCallersOnly] // SSL_CTX_sess_set_get_cb(3); *copy = 0: OpenSSL takes our reference
    private static nint OnGetSession(nint ssl, byte* id, int length, int* copy)
    {
        *copy = 0;
        try
        {
            return Find(ssl).OnGetSession(new ReadOnlySpan<byte>(id, length));
        }
        catch (Exception fault)
        {
            Find(ssl).Note(fault, DeclineReason.StoreError);
            return 0;
        }
    }

    [UnmanagedCallersOnly] // SSL_set_not_resumable_session_callback(3)
    private static int OnNotResumable(nint ssl, int forwardSecure)
    {
        // OpenSSL 3.0 leaves out the ticket, but sends the ID of a session that it knows will not be resumed.
        byte none;
        _ = LibSsl.SSL_SESSION_set1_id(LibSsl.SSL_get_session(ssl), &none, 0);
        return 1;
    }

    [UnmanagedCallersOnly] // SSL_CTX_generate_session_ticket_fn(3)
    private static int OnMakeTicket(nint ssl, void* arg)
    {
        try
        {
            Find(ssl).OnMakeTicket();
            return 1;
        }
        catch (Exception fault)
        {
            Find(ssl).Note(fault);
            return 0;
        }
    }

    [UnmanagedCallersOnly] // SSL_CTX_decrypt_session_ticket_fn(3)
    private static int OnTicketOpened(nint ssl, nint session, byte* keyName, nuint keyNameLength, int status, void* arg)
    {
        try
        {
            return Find(ssl).OnTicketOpened(session, status);
        }
        catch (Exception fault)
        {
            Find(ssl).Note(fault, DeclineReason.UnknownKey);
            return LibSsl.SSL_TICKET_RETURN_IGNORE_RENEW;
        }
    }

    [UnmanagedCallersOnly] // SSL_CTX_set_tlsext_ticket_key_evp_cb(3)
    private static int OnTicketKey(nint ssl, byte* name, byte* iv, nint cipher, nint mac, int encrypt)
    {
        try
        {
            return Find(ssl).OnTicketKey(name, iv, cipher, mac, encrypt != 0);
        }
        catch (Exception fault)
        {
            if (encrypt != 0)
                Find(ssl).Note(fault);
            else
                Find(ssl).Note(fault, DeclineReason.UnknownKey);
            return encrypt != 0 ? -1 : 0; // an unopened ticket is a full handshake
        }
    }

    /// <summary>Our part in the verification of clients.</summary>
    public static void VerifyClients(nint ctx) => LibSsl.SSL_CTX_set_cert_verify_callback(ctx, &OnVerifyClient, null);

    [UnmanagedCallersOnly] // SSL_CTX_set_cert_verify_callback(3); 0: refused
    private static int OnVerifyClient(nint storeContext, void* arg)
    {
        var ssl = (nint)LibCrypto.X509_STORE_CTX_get_ex_data(storeContext, StoreContextIndex);
        try
        {
            return Find(ssl).OnVerifyClient(storeContext);
        }
        catch (Exception fault)
        {
            Find(ssl).Note(fault);
            return 0;
        }
    }

    [UnmanagedCallersOnly] // pem_password_cb(3)
    private static int OnPassphrase(byte* buffer, int size, int writing, void* arg) =>
        arg is not null && ((Passphrase*)arg)->Bytes.TryCopyTo(new Span<byte>(buffer, size)) ? ((Passphrase*)arg)->Bytes.Length : 0; // OpenSSL cleanses its buffer
}
