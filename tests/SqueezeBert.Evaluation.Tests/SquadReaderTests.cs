using System.Text;

namespace SqueezeBert.Evaluation.Tests;

public sealed class SquadReaderTests
{
    [Fact]
    public void QuestionsAreReadWithThePlacesOfTheirAnswers()
    {
        var set = Read("""
            {"version":"v2.0","data":[{"title":"t","paragraphs":[{"context":"😀 Paris is big.","qas":[
              {"id":"1","question":"Where?","answers":[{"text":"Paris","answer_start":2},{"text":"Lyon","answer_start":2}],"is_impossible":false},
              {"id":"2","question":"Who?","answers":[],"plausible_answers":[{"text":"big","answer_start":11}],"is_impossible":true}]}]}]}
            """);
        Assert.Equal(["1", "2"], set.Questions.Select(question => question.Id));
        Assert.Equal([new SquadAnswer("Paris", 3), new SquadAnswer("Lyon", null)], set.Questions[0].Answers);
        Assert.Equal("😀 Paris is big.", set.Questions[1].Context);
        Assert.Empty(set.Questions[1].Answers);
        Assert.Equal(SquadVersion.V2, set.Version);
    }

    [Theory]
    [InlineData("", "invalid JSON")]
    [InlineData("[]", "is no object")]
    [InlineData("{}", "there is no 'data'")]
    [InlineData("""{"data":[]}""", "has no question")]
    [InlineData("""{"data":[{"paragraphs":{}}]}""", "data[0].paragraphs: is not an array")]
    [InlineData("""{"data":[{"paragraphs":[{"qas":[]}]}]}""", "data[0].paragraphs[0]: there is no 'context'")]
    [InlineData("""{"data":[{"paragraphs":[{"context":"c","qas":[{"id":1,"question":"q","answers":[]}]}]}]}""",
        "data[0].paragraphs[0].qas[0].id: is not a text")]
    [InlineData("""{"data":[{"paragraphs":[{"context":"c","qas":[{"id":"1","question":"q","answers":[{"text":"c","answer_start":-1}]}]}]}]}""",
        "answers[0].answer_start: is no whole number")]
    [InlineData("""{"data":[{"paragraphs":[{"context":"c","qas":[{"id":"1","question":"q","answers":[]},{"id":"1","question":"q","answers":[]}]}]}]}""",
        "the id '1' was there before")]
    [InlineData("{\"data\":[\n{\"paragraphs\":[{\"context\":\"cut", "name.json:2: invalid JSON")]
    [InlineData("{\"data\":\0[]}", "NUL")]
    public void WhatIsNoSuchFileIsRefused(string json, string reason)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("squad").FullName, "name.json");
        try
        {
            File.WriteAllText(path, json);
            var exception = Assert.Throws<DataFormatException>(() => SquadReader.Read(path));
            Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void DepthIsBounded() =>
        Assert.Throws<DataFormatException>(() => Read(string.Concat(Enumerable.Repeat("{\"data\":[", 100_000))));

    private static SquadSet Read(string json) => SquadReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), "name.json");
}
