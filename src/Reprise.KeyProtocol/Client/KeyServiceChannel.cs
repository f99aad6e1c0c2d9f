using System.Security.Authentication;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Microsoft.Extensions.DependencyInjection;
using Reprise.KeyProtocol.Identity;

namespace Reprise.KeyProtocol.Client;

/// <summary>
/// A connection for calls to the key service, for operators' tools. Goes to the first of its addresses that answers.
/// Calls fail as <see cref="RpcException"/>; <see cref="Explain"/> puts one in words.
/// </summary>
public sealed class KeyServiceChannel : IDisposable
{
    private readonly PeerCredentials _credentials;
    private readonly ServiceProvider _services;
    private readonly GrpcChannel _channel;
    private volatile string? _refusal;

    private KeyServiceChannel(IReadOnlyList<Uri> addresses, PeerCredentials credentials)
    {
        _credentials = credentials;
        Addresses = addresses;
        var targets = addresses.Select(address => new BalancerAddress(address.IdnHost, address.Port)).ToList();
        _services = new ServiceCollection()
            .AddSingleton<ResolverFactory>(new StaticResolverFactory(_ => targets))
            .BuildServiceProvider();
        _channel = GrpcChannel.ForAddress("static:///keyservice", new GrpcChannelOptions
        {
            Credentials = ChannelCredentials.SecureSsl,
            HttpHandler = KeyServiceHandler.Create(credentials, reason => _refusal = reason, several: addresses.Count > 1),
            DisposeHttpClient = true,
            ServiceProvider = _services,
        });
        Admin = new V1.KeyAdmin.KeyAdminClient(_channel);
    }

    /// <summary>In order of preference.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>Who the calls are made as.</summary>
    public KeyIdentity Identity => _credentials.Identity;

    /// <summary>Rotate, List.</summary>
    public V1.KeyAdmin.KeyAdminClient Admin { get; }

    /// <summary>For any other service of the key service: health, reflection.</summary>
    public CallInvoker Invoker => _channel.CreateCallInvoker();

    /// <summary>Makes the channel. Nothing is connected before the first call.</summary>
    /// <param name="addresses"><c>https://HOST:PORT</c> or <c>HOST:PORT</c>; at least one.</param>
    /// <param name="authority">PEM file of the CA.</param>
    /// <param name="certificate">PEM file of the caller's certificate.</param>
    /// <param name="key">PEM file of its key.</param>
    /// <exception cref="PeerCredentialsException">A file cannot be used; one line for an operator.</exception>
    /// <exception cref="ArgumentException">No address, or one that is none.</exception>
    public static KeyServiceChannel Create(IEnumerable<string> addresses, string authority, string certificate, string key)
    {
        var parsed = addresses
            .Select(text => KeyServiceAddress.TryParse(text, out var address) ? address
                : throw new ArgumentException($"'{text}' is not a key service's address; allowed: HOST:PORT or https://HOST:PORT"))
            .ToList();
        if (parsed.Count == 0)
            throw new ArgumentException("At least one address of a key service is needed.", nameof(addresses));
        return new KeyServiceChannel(parsed, PeerCredentials.Load(authority, certificate, key));
    }

    /// <summary>One line that tells an operator why a call failed.</summary>
    public string Explain(RpcException fault)
    {
        var where = string.Join(", ", Addresses.Select(address => address.Authority));
        if (RootCause(fault) is not { } cause)
            return $"key service {where}: {fault.StatusCode}: {fault.Status.Detail}";
        return cause is AuthenticationException && _refusal is { } refusal
            ? $"key service {where} is not trusted: {refusal}"
            : $"key service {where} cannot be reached: {cause.Message.ReplaceLineEndings(" ")}";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel.Dispose();
        _services.Dispose();
        _credentials.Dispose();
    }

    // Set where the transport failed, not where the other side answered.
    internal static Exception? RootCause(RpcException fault)
    {
        var cause = fault.Status.DebugException;
        while (cause?.InnerException is { } inner)
            cause = inner;
        return cause;
    }
}
