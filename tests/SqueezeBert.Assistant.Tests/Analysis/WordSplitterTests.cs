using SqueezeBert.Assistant.Analysis;

namespace SqueezeBert.Assistant.Tests.Analysis;

public sealed class WordSplitterTests
{
    [Theory]
    [InlineData("wake me at 7:30, please!", "wake|me|at|7:30|,|please|!")]
    [InlineData(" (don't) ", "(|don't|)")]
    [InlineData("...", ".|.|.")]
    [InlineData("", "")]
    public void PunctuationStandsApart(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', WordSplitter.Split(text).Select(word => text[word.Start..word.End])));
}
