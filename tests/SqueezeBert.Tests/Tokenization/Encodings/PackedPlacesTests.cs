using CsCheck;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Tests.Tokenization.Encodings;

/// <summary>Offsets and word ids come out of their packed form as they went in.</summary>
public class PackedPlacesTests
{
    private static readonly Gen<(int Gap, int Length, int Step)[]> Tokens = Gen.OneOf(
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 16], Gen.Int[0, 1]),
        Gen.Select(Gen.Int[-9, 9], Gen.Int[0, 40], Gen.Int[0, 3]),
        Gen.Select(Gen.Int[-1000, 100_000_000], Gen.Int[0, 100_000_000], Gen.Int[0, 1_000_000])).Array[0, 20];

    [Fact]
    public void AnyPlacesComeBack() =>
        Gen.Select(Tokens, Tokens).Sample(texts =>
        {
            (var firstOffsets, var firstWords) = Places(texts.Item1);
            (var secondOffsets, var secondWords) = Places(texts.Item2);
            byte[] buffer = [];
            int length = 0, position = 0;
            PackedPlaces.Pack(firstOffsets, firstWords, ref buffer, ref length);
            PackedPlaces.Pack(secondOffsets, secondWords, ref buffer, ref length);
            var packed = buffer[..length];

            var offsets = new TokenOffset[firstOffsets.Length];
            var words = new int[secondWords.Length];
            PackedPlaces.Unpack(packed, ref position, offsets, []);
            PackedPlaces.Unpack(packed, ref position, [], words);
            Assert.Equal(length, position);
            Assert.Equal(firstOffsets, offsets);
            Assert.Equal(secondWords, words);

            position = 0;
            words = new int[firstWords.Length];
            PackedPlaces.Unpack(packed, ref position, offsets, words);
            Assert.Equal(firstOffsets, offsets);
            Assert.Equal(firstWords, words);
        });

    [Fact]
    public void AnOrdinaryTokenTakesAByte()
    {
        byte[] buffer = [];
        var length = 0;
        PackedPlaces.Pack([new(0, 16), new(19, 20), new(20, 25)], [0, 1, 1], ref buffer, ref length);
        Assert.Equal(3, length);
    }

    private static (TokenOffset[] Offsets, int[] Words) Places((int Gap, int Length, int Step)[] tokens)
    {
        int end = 0, word = -1;
        var offsets = new TokenOffset[tokens.Length];
        var words = new int[tokens.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            var start = Math.Max(0, end + tokens[i].Gap);
            end = start + tokens[i].Length;
            word += tokens[i].Step;
            offsets[i] = new TokenOffset(start, end);
            words[i] = word;
        }

        return (offsets, words);
    }
}
