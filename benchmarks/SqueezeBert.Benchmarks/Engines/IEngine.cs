namespace SqueezeBert.Benchmarks.Engines;

/// <summary>Something that runs a model on batches of texts.</summary>
internal interface IEngine : IDisposable
{
    string Name { get; }

    /// <summary>Gets the input into the form that the engine wants, outside of the clock.</summary>
    void Prepare(IReadOnlyList<IReadOnlyList<TokenText>> batches);

    /// <summary>Runs all prepared batches once; returns the seconds.</summary>
    double Run();

    /// <summary>The output of the last batch of the last run: rows of the real tokens, texts one after another, or a row a text.</summary>
    float[] LastResult();
}
