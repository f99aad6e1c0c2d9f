using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Reprise.KeyProtocol.V1;

namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>The search that finds nothing in the logs would find it if it were there.</summary>
public sealed class KeyTracesTests
{
    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(32);

    // A line of text or a message, with the key in it.
    public static TheoryData<string, byte[]> Haystacks
    {
        get
        {
            var epoch = new Epoch { Number = 1, Secret = ByteString.CopyFrom(s_key) };
            var data = new TheoryData<string, byte[]>
            {
                { "raw", new KeyRing { Generation = 7, Epochs = { epoch } }.ToByteArray() },
                { "raw", [.. s_key.AsSpan(0, 10), .. new byte[22]] }, // the beginning of it alone
                { "hexadecimal", Bytes($"secret {Convert.ToHexString(s_key)}.") },
                { "hexadecimal", Bytes(Convert.ToHexStringLower(s_key)) },
                { "hexadecimal", Bytes(BitConverter.ToString(s_key)) },
                { "hexadecimal", Bytes(string.Join(':', s_key.Select(value => value.ToString("x2", null)))) },
                { "hexadecimal", Bytes(Convert.ToHexString(s_key, 18, 14)) }, // its end alone
                { "decimal", Bytes($"[{string.Join(", ", s_key)}]") },
                { "decimal", Bytes(string.Join(',', s_key)) },
                { "base64", Bytes(JsonFormatter.Default.Format(epoch)) },
                { "base64url", Bytes(Convert.ToBase64String(s_key).Replace('+', '-').Replace('/', '_')) },
            };
            for (var before = 0; before < 3; before++)
                data.Add("base64", Bytes(Convert.ToBase64String([.. RandomNumberGenerator.GetBytes(30 + before), .. s_key, .. RandomNumberGenerator.GetBytes(7)])));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Haystacks), DisableDiscoveryEnumeration = true)]
    public void Key_InAPlace_IsFoundThereAndInNoOther(string form, byte[] place)
    {
        var found = new KeyTraces(s_key).FindIn([.. RandomNumberGenerator.GetBytes(1000), .. place, .. RandomNumberGenerator.GetBytes(1000)]);

        // Where no character differs the plain alphabet is found first.
        Assert.Contains(found, new[] { form, form.Replace("url", "", StringComparison.Ordinal) });
        Assert.Null(new KeyTraces(RandomNumberGenerator.GetBytes(32)).FindIn(place));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
