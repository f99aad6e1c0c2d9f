using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Probe.Sites;

/// <summary>A web server that is not ours, on a port of 127.0.0.1, as one node of a farm.</summary>
internal sealed class ForeignServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Process _process;

    private ForeignServer(string program, Func<ForeignServer, string> configuration, Func<string, string[]> arguments)
    {
        Port = FreePort.Next();
        _process = Process.Start(new ProcessStartInfo(program, arguments(_directory.Write("server.conf", configuration(this)))) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}";

    private string Folder => _directory.Path;

    /// <summary>A key for tickets, which all nodes of a farm have if they are to resume each other's.</summary>
    public static byte[] NewTicketKey() => RandomNumberGenerator.GetBytes(80);

    /// <param name="pki">Its folder has the certificate.</param>
    /// <param name="ticketKey">Null: it makes one of its own.</param>
    /// <param name="protocols">As nginx spells them.</param>
    /// <param name="tickets">Whether it gives any.</param>
    public static Task<ForeignServer> NginxAsync(string pki, byte[]? ticketKey, string protocols = "TLSv1.2 TLSv1.3", bool tickets = true) => StartAsync(
        "/usr/sbin/nginx",
        server => $$"""
            daemon off; worker_processes 1; pid {{server.Folder}}/pid; error_log {{server.Folder}}/error.log;
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path {{server.Folder}}/1; proxy_temp_path {{server.Folder}}/2; fastcgi_temp_path {{server.Folder}}/3;
              uwsgi_temp_path {{server.Folder}}/4; scgi_temp_path {{server.Folder}}/5;
              server {
                listen {{server.Address}} ssl; server_name farm.reprise.test;
                ssl_certificate {{pki}}/site.crt; ssl_certificate_key {{pki}}/site.key; ssl_protocols {{protocols}};
                ssl_session_cache shared:farm:1m; ssl_session_timeout 10m; ssl_session_tickets {{(tickets ? "on" : "off")}};
                {{(ticketKey is null ? "" : $"ssl_session_ticket_key {server.KeyFile(ticketKey)};")}}
                location / { return 200 "ok"; }
              }
            }
            """,
        file => ["-p", Path.GetDirectoryName(file)!, "-e", Path.Combine(Path.GetDirectoryName(file)!, "error.log"), "-c", file]);

    /// <inheritdoc cref="NginxAsync"/>
    public static Task<ForeignServer> HaproxyAsync(string pki, byte[]? ticketKey) => StartAsync(
        "/usr/sbin/haproxy",
        server => $$"""
            defaults
              mode http
              timeout client 10s
              timeout connect 10s
              timeout server 10s
            frontend farm
              bind {{server.Address}} ssl crt {{server.CertificateWithKey(pki)}}{{(ticketKey is null ? "" : $" tls-ticket-keys {server.KeyLines(ticketKey)}")}}
              http-request return status 200 content-type text/plain string ok
            
            """,
        file => ["-db", "-f", file]);

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    private static async Task<ForeignServer> StartAsync(string program, Func<ForeignServer, string> configuration, Func<string, string[]> arguments)
    {
        var server = new ForeignServer(program, configuration, arguments);
        try
        {
            await Eventually.TrueAsync(server.IsListening);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private bool IsListening()
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return _process.HasExited ? throw new InvalidOperationException($"{_process.StartInfo.FileName} ended with {_process.ExitCode}") : false;
        }
    }

    private string KeyFile(byte[] key)
    {
        var file = _directory.File("ticket.key");
        File.WriteAllBytes(file, key);
        return file;
    }

    // HAProxy seals with the last but one, and wants three.
    private string KeyLines(byte[] key) => _directory.Write("ticket.keys", string.Join('\n', Enumerable.Repeat(Convert.ToBase64String(key), 3)) + "\n");

    private string CertificateWithKey(string pki) =>
        _directory.Write("site.pem", File.ReadAllText(Path.Combine(pki, "site.crt")) + File.ReadAllText(Path.Combine(pki, "site.key")));
}
