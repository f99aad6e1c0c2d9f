using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>Revocation lists, read, checked and put into a store.</summary>
internal static unsafe class RevocationFile
{
    /// <exception cref="OpenSslException">A file has no list, a list is not by the authority it names, or an authority has none.</exception>
    public static IReadOnlyList<RevocationList> Add(nint store, IReadOnlyList<TlsFile> files, AuthorityFile authorities)
    {
        var facts = new List<RevocationList>();
        var lists = new List<nint>();
        try
        {
            foreach (var file in files)
            {
                var before = lists.Count;
                Load(file, lists);
                foreach (var list in lists[before..])
                {
                    RequireSignature(file, list, authorities);
                    if (LibCrypto.X509_STORE_add_crl(store, list) != 1) // takes a reference of its own
                        throw OpenSslException.FromQueue($"{file}: revocation list refused");
                    facts.Add(new RevocationList(file.Name, ClientVerification.NameOf(LibCrypto.X509_CRL_get_issuer(list)), NextUpdate(list)));
                }
            }

            if (files.Count > 0)
                RequireOneOfEach(files, lists, authorities);
            return facts;
        }
        finally
        {
            lists.ForEach(LibCrypto.X509_CRL_free);
        }
    }

    private static void Load(TlsFile file, List<nint> lists)
    {
        var before = lists.Count;
        using var bytes = file.Bytes.Pin();
        if (file.Bytes.Span.IndexOf("-----BEGIN"u8) < 0)
        {
            var cursor = (byte*)bytes.Pointer;
            if (LibCrypto.d2i_X509_CRL(null, &cursor, file.Bytes.Length) is var list and not 0)
                lists.Add(list);
        }
        else
        {
            var bio = LibCrypto.BIO_new_mem_buf(bytes.Pointer, file.Bytes.Length); // read-only view of the pinned bytes
            try
            {
                while (LibCrypto.PEM_read_bio_X509_CRL(bio, null, null, null) is var list and not 0)
                    lists.Add(list);
            }
            finally
            {
                _ = LibCrypto.BIO_free(bio);
            }

            if (lists.Count > before && !PemEnd.WasReached())
                throw OpenSslException.FromQueue($"{file} has a list that cannot be read; allowed: certificate revocation lists in PEM or DER");
        }

        if (lists.Count == before)
            throw OpenSslException.FromQueue($"{file} has no revocation list; allowed: certificate revocation lists in PEM or DER");
        LibCrypto.ERR_clear_error();
    }

    // Lists of intermediates that only clients have cannot be checked here; OpenSSL does when such a client comes.
    private static void RequireSignature(TlsFile file, nint list, AuthorityFile authorities)
    {
        var issuer = LibCrypto.X509_CRL_get_issuer(list);
        var named = authorities.Certificates.Where(authority => LibCrypto.X509_NAME_cmp(LibCrypto.X509_get_subject_name(authority), issuer) == 0).ToList();
        if (named.Count > 0 && !named.Exists(authority => LibCrypto.X509_CRL_verify(list, LibCrypto.X509_get0_pubkey(authority)) == 1))
            throw OpenSslException.FromQueue($"{file} has a list in the name of '{ClientVerification.NameOf(issuer)}' that is not signed by it; allowed: lists of the authorities");
        LibCrypto.ERR_clear_error();
    }

    // OpenSSL would refuse each client of such an authority; nobody who writes the setting wants that.
    private static void RequireOneOfEach(IReadOnlyList<TlsFile> files, List<nint> lists, AuthorityFile authorities)
    {
        foreach (var authority in authorities.Certificates)
        {
            var subject = LibCrypto.X509_get_subject_name(authority);
            if (!lists.Exists(list => LibCrypto.X509_NAME_cmp(LibCrypto.X509_CRL_get_issuer(list), subject) == 0))
                throw new OpenSslException($"{string.Join(", ", files)} has no revocation list of the authority '{ClientVerification.NameOf(subject)}'; allowed: a list of each authority, or no lists at all");
        }
    }

    private static DateTimeOffset? NextUpdate(nint list)
    {
        var time = LibCrypto.X509_CRL_get0_nextUpdate(list); // borrowed
        var tm = stackalloc int[16]; // struct tm: 56 bytes, the first six numbers are sec, min, hour, mday, mon, year
        if (time == 0 || LibCrypto.ASN1_TIME_to_tm(time, tm) != 1)
            return null;
        return new DateTimeOffset(1900 + tm[5], 1 + tm[4], tm[3], tm[2], tm[1], Math.Min(tm[0], 59), TimeSpan.Zero);
    }
}
