using System.Text;

namespace SqueezeBert.Evaluation.Tests;

public sealed class ConllReaderTests
{
    [Fact]
    public void SentencesEndAtEmptyLines()
    {
        var set = Read(
            "-DOCSTART- -X- O O\r\n\r\nEU NNP I-NP B-ORG\r\nrejects\tVBZ\tI-VP\tO\r\n \r\n\r\n" +
                "-DOCSTART- O\nPeter NNP B-PER\n-DOCSTART-\nBRUSSELS B-LOC");
        Assert.Equal(["EU rejects", "Peter", "BRUSSELS"], set.Sentences.Select(sentence => string.Join(' ', sentence.Words)));
        Assert.Equal(["B-ORG O", "B-PER", "B-LOC"], set.Sentences.Select(sentence => string.Join(' ', sentence.Tags)));
        Assert.Equal([3, 8, 10], set.Sentences.Select(sentence => sentence.Line));
        Assert.Equal(["NNP", "VBZ"], Read("EU NNP X\nrejects VBZ Y\n", tagColumn: 1).Sentences[0].Tags);
    }

    [Theory]
    [InlineData("", null, "has no sentence")]
    [InlineData("-DOCSTART- O\n", null, "has no sentence")]
    [InlineData("EU B-ORG\nrejects\n", 2L, "1 columns where 2 are needed")]
    public void WhatIsNoSuchFileIsRefused(string text, long? line, string reason)
    {
        var exception = Assert.Throws<DataFormatException>(() => Read(text));
        Assert.Equal(line, exception.Line);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASentenceWithoutEndIsRefused()
    {
        var exception = Assert.Throws<DataFormatException>(
            () => Read(string.Concat(Enumerable.Repeat("a O\n", ConllReader.MaximumWords + 1))));
        Assert.Equal(1, exception.Line);
        Assert.Contains("100000 words", exception.Message, StringComparison.Ordinal);
    }

    private static TaggedSet Read(string text, int? tagColumn = null) =>
        ConllReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "name.txt", tagColumn: tagColumn);
}
