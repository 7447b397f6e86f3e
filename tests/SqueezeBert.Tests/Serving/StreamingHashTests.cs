using System.Text;
using SqueezeBert.Files;

namespace SqueezeBert.Tests.Serving;

public class StreamingHashTests
{
    /// <summary>Values of the reference implementation (xxHash 0.8, XXH64).</summary>
    [Theory]
    [InlineData("", 0, 0xEF46DB3751D8E999)]
    [InlineData("a", 0, 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0, 0x44BC2CF5AD770999)]
    [InlineData("Nobody inspects the spammish repetition", 0, 0xFBCEA83C8A378BF1)]
    public void ItIsXxh64(string text, ulong seed, ulong expected) =>
        Assert.Equal(expected, StreamingHash.XxHash64(Encoding.ASCII.GetBytes(text), seed));

    [Fact]
    public void WhereAPartEndsCounts()
    {
        Assert.NotEqual(Of("ab", "c"), Of("a", "bc"));
        Assert.NotEqual(Of("ab"), Of("ab", ""));
        Assert.Equal(Of("ab", "c"), Of("ab", "c"));

        static string Of(params string[] parts)
        {
            var hash = new StreamingHash();
            foreach (var part in parts) hash.Add(part);
            return hash.ToString();
        }
    }
}
