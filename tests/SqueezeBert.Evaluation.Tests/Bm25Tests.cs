namespace SqueezeBert.Evaluation.Tests;

public sealed class Bm25Tests
{
    private static readonly Bm25Index Index = new(["The cat sat.", "A dog and a cat!", "dog dog DOG house", ""]);

    [Fact]
    public void ScoresAreThoseOfTheFormula()
    {
        // Lengths 3, 5, 4 and 0 have the mean 3; "cat" is in two of four documents.
        var rarity = Math.Log(1 + (2.5 / 2.5));
        var found = Index.Rank("cat", 10);
        Assert.Equal([0, 1], found.Select(one => one.Document));
        Assert.Equal(rarity / (1 + 1.2), found[0].Score, 1e-14);
        Assert.Equal(rarity / (1 + (1.2 * (0.25 + (0.75 * 5 / 3)))), found[1].Score, 1e-14);
        Assert.Equal(rarity * 3 / (3 + (1.2 * (0.25 + (0.75 * 4 / 3)))), Index.Rank("Dog?", 10)[0].Score, 1e-14);
    }

    [Fact]
    public void OnlyDocumentsWithAWordOfTheQueryAreFound()
    {
        Assert.Empty(Index.Rank("bird", 10));
        Assert.Empty(Index.Rank("...", 10));
        Assert.Equal([2], Index.Rank("house dog", 1).Select(one => one.Document));
        Assert.Empty(new Bm25Index([]).Rank("cat", 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Index.Rank("cat", 0));
    }
}
