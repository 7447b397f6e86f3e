using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation.Tests;

public sealed class SentenceSplitterTests
{
    [Theory]
    [InlineData("One two. Three four! \"Five?\" (Six.) seven", "One two.|Three four!|\"Five?\"|(Six.) seven")]
    [InlineData("Dr. Who met J. Smith at 3.5 miles. He left.", "Dr. Who met J. Smith at 3.5 miles.|He left.")]
    [InlineData("He said \"Stop.\" Then he went… Away. 3 came.", "He said \"Stop.\"|Then he went…|Away.|3 came.")]
    [InlineData("no end here. and lower case", "no end here. and lower case")]
    [InlineData("  \t ", "")]
    public void SentencesEndWhereTheRuleSays(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', SentenceSplitter.Split(text)));
}
