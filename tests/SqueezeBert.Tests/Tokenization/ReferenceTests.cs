using System.Text.Json;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Tokenization;

/// <summary>Every row of the reference: ids, tokens, offsets, windows, decoding.</summary>
public class ReferenceTests
{
    [Theory]
    [InlineData("uncased.jsonl", true)]
    [InlineData("cased.jsonl", false)]
    public void TextsAreTokenizedAsByTheReference(string file, bool uncased)
    {
        var tokenizer = uncased ? TokenizerFixtures.Uncased : TokenizerFixtures.Cased;
        var rows = TokenizerFixtures.Rows(file);
        Assert.Equal(1207, rows.Count);
        foreach (var row in rows)
        {
            var text = row.GetProperty("text").GetString()!;
            var ids = TokenizerFixtures.Integers(row.GetProperty("ids"));
            var encoding = tokenizer.Encode(text);
            Assert.Equal(ids, encoding.Ids.ToArray());
            Assert.Equal(row.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()), encoding.Tokens);
            Assert.Equal(TokenizerFixtures.Offsets(row.GetProperty("offsets_utf16")), encoding.Offsets.ToArray());

            var buffer = new int[ids.Length];
            Assert.Equal(ids.Length, tokenizer.Encode(text, buffer, out var truncated));
            Assert.False(truncated);
            Assert.Equal(ids, buffer);
            Assert.Equal(ids.Length - 2, tokenizer.Count(text));
        }
    }

    [Fact]
    public void PairsAreTruncatedAsByTheReference()
    {
        var rows = TokenizerFixtures.Rows("pairs.jsonl");
        Assert.Equal(132, rows.Count);
        foreach (var row in rows)
        {
            var options = new EncodingOptions
            {
                MaxLength = row.GetProperty("max_length").GetInt32(),
                Stride = row.GetProperty("stride").GetInt32(),
                ReturnOverflowing = true,
                Truncation = row.GetProperty("strategy").GetString() switch
                {
                    "longest_first" => Truncation.LongestFirst,
                    "only_first" => Truncation.OnlyFirst,
                    "only_second" => Truncation.OnlySecond,
                    string other => throw new InvalidDataException(other),
                    null => throw new InvalidDataException(),
                },
            };
            string a = row.GetProperty("a").GetString()!, b = row.GetProperty("b").GetString()!;
            if (row.TryGetProperty("error", out _))
            {
                Assert.Throws<ArgumentException>(() => TokenizerFixtures.Uncased.Encode(a, b, options));
                continue;
            }

            var encoding = TokenizerFixtures.Uncased.Encode(a, b, options);
            Compare(row.GetProperty("encoding"), encoding);
            var overflowing = row.GetProperty("overflowing").EnumerateArray().ToList();
            Assert.Equal(overflowing.Count, encoding.Overflowing.Count);
            Assert.Equal(overflowing.Count > 0, encoding.IsTruncated);
            foreach ((var expected, var actual) in overflowing.Zip(encoding.Overflowing))
                Compare(expected, actual);

            var alone = TokenizerFixtures.Uncased.Encode(a, b, options with { ReturnOverflowing = false });
            Assert.Equal(encoding.Ids.ToArray(), alone.Ids.ToArray());
            Assert.Empty(alone.Overflowing);
        }
    }

    [Fact]
    public void IdsAreDecodedAsByTheReference()
    {
        var rows = TokenizerFixtures.Rows("decode.jsonl");
        Assert.Equal(100, rows.Count);
        foreach (var row in rows)
            Assert.Equal(row.GetProperty("text").GetString(),
                TokenizerFixtures.Uncased.Decode(TokenizerFixtures.Integers(row.GetProperty("ids"))));
    }

    private static void Compare(JsonElement expected, TextEncoding actual)
    {
        Assert.Equal(TokenizerFixtures.Integers(expected.GetProperty("ids")), actual.Ids.ToArray());
        Assert.Equal(TokenizerFixtures.Integers(expected.GetProperty("type_ids")), actual.TypeIds.ToArray());
        Assert.Equal(TokenizerFixtures.Integers(expected.GetProperty("special")), actual.SpecialTokensMask.ToArray().Select(m => (int)m));
        Assert.Equal(TokenizerFixtures.Integers(expected.GetProperty("sequence")), actual.SequenceIds.ToArray());
        Assert.Equal(TokenizerFixtures.Offsets(expected.GetProperty("offsets_utf16")), actual.Offsets.ToArray());
    }
}
