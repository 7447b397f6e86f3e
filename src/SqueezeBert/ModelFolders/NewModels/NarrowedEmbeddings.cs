using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.ModelFolders.NewModels;

/// <summary>
/// Embeddings of a saved model in fewer numbers: their coordinates in the space in which its word embeddings are longest, which is the best
/// approximation of that width (Eckart and Young, 1936). Where the new model has a projection back to the saved model's width,
/// it is given the same directions, so that its first hidden state is close to what the saved model's first layer reads.
/// </summary>
internal sealed class NarrowedEmbeddings
{
    private const int RowsBetweenChecks = 1024;
    private const string NormWeight = "embeddings.LayerNorm.weight";
    private const string NormBias = "embeddings.LayerNorm.bias";

    /// <summary>The projections behind a factorized embedding, and whether a layer norm stands before them.</summary>
    private static readonly Dictionary<string, bool> Projections = new(StringComparer.Ordinal)
    {
        ["embeddings.projection"] = true,
        ["embeddings_project"] = true,
        ["embeddings.embedding_transformation"] = false,
    };

    private readonly ModelWeights _saved;
    private readonly double[] _directions;

    private NarrowedEmbeddings(ModelWeights saved, int width, int kept, double[] directions) =>
        (_saved, Width, Kept, _directions) = (saved, width, kept, directions);

    /// <summary>The numbers of a row of the saved tables.</summary>
    public int Width { get; }

    /// <summary>The numbers of a narrowed row.</summary>
    public int Kept { get; }

    /// <summary>Finds the directions.</summary>
    /// <param name="saved">The saved model, which has word embeddings wider than <paramref name="kept"/>.</param>
    /// <param name="kept">The numbers of a narrowed row.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static NarrowedEmbeddings Of(ModelWeights saved, int kept, CancellationToken cancellationToken)
    {
        var rows = ReadAll(saved, Architecture.Words, out var width);
        var products = new double[width * width];
        var numbers = new double[width];
        for (var row = 0; row < rows.Length; row += width)
        {
            if (row / width % RowsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < width; i++) numbers[i] = rows[row + i];
            for (var i = 0; i < width; i++)
                Float64Rows.AddMultiple(numbers.AsSpan(0, i + 1), numbers[i], products.AsSpan(i * width, i + 1));
        }

        for (var i = 0; i < width; i++)
        {
            for (var j = 0; j < i; j++) products[(j * width) + i] = products[(i * width) + j];
        }

        var directions = SymmetricMatrix.Directions(products, width, cancellationToken)[..(kept * width)];
        TurnLastIntoTheMean(directions, width, kept);
        return new(saved, width, kept, directions);
    }

    /// <summary>The coordinates of rows along the directions.</summary>
    public float[] Narrow(ReadOnlySpan<float> rows)
    {
        var axes = new double[Width * Kept];
        for (var i = 0; i < axes.Length; i++) axes[i] = _directions[(i % Kept * Width) + (i / Kept)];
        var narrow = new float[rows.Length / Width * Kept];
        var sums = new double[Kept];
        for (var row = 0; row * Width < rows.Length; row++)
        {
            Array.Clear(sums);
            for (var column = 0; column < Width; column++)
                Float64Rows.AddMultiple(axes.AsSpan(column * Kept, Kept), rows[(row * Width) + column], sums);
            for (var i = 0; i < Kept; i++) narrow[(row * Kept) + i] = (float)sums[i];
        }

        return narrow;
    }

    /// <summary>
    /// Fills a tensor of the projection behind a factorized embedding. False if the parameter is not one, or does not fit.
    /// </summary>
    /// <param name="name">The canonical name of the parameter.</param>
    /// <param name="parameter">The parameter of the new model.</param>
    /// <param name="destination">Its values.</param>
    public bool TryProject(string name, Parameter parameter, Span<float> destination)
    {
        var layer = name[..Math.Max(0, name.LastIndexOf('.'))];
        if (!Projections.TryGetValue(layer, out var isNormed) || parameter.Rows != Width) return false;
        if (parameter.Kind == ParameterKind.Bias)
        {
            if (isNormed) NormValues(NormBias, 0).CopyTo(destination);
            return isNormed;
        }

        // A trigram is the words before, at and after a place: the middle one is the word itself.
        var (columns, first) = (parameter.Columns, (parameter.Columns - Kept) / 2);

        // A layer norm gives rows a length that is the root of their width.
        var norm = isNormed ? NormValues(NormWeight, 1) : null;
        var length = isNormed ? Math.Sqrt((double)Width / Kept) : 1;
        destination.Clear();
        for (var row = 0; row < Width; row++)
        {
            for (var kept = 0; kept < Kept; kept++)
                destination[(row * columns) + first + kept] = (float)(_directions[(kept * Width) + row] * length * (norm?[row] ?? 1));
        }

        return true;
    }

    /// <summary>What the saved model's norm of the embeddings multiplies or adds, or the value of a model without one.</summary>
    private float[] NormValues(string name, float missing)
    {
        if (_saved.TryFind(name, out _) && ReadAll(_saved, name, out var width) is var values && width == Width) return values;
        values = new float[Width];
        Array.Fill(values, missing);
        return values;
    }

    /// <summary>
    /// Turns the directions within what they span, so that the mean of a row's coordinates, which a layer norm takes away, is the
    /// coordinate that was the least. Householder's reflection of the last axis onto the one of equal numbers.
    /// </summary>
    private static void TurnLastIntoTheMean(double[] directions, int width, int kept)
    {
        if (kept < 2) return;
        var normal = new double[kept];
        Array.Fill(normal, -1 / Math.Sqrt(kept));
        normal[^1] += 1;
        var square = normal.Sum(value => value * value);
        for (var column = 0; column < width; column++)
        {
            var sum = 0.0;
            for (var i = 0; i < kept; i++) sum += normal[i] * directions[(i * width) + column];
            for (var i = 0; i < kept; i++) directions[(i * width) + column] -= 2 * sum / square * normal[i];
        }
    }

    private static float[] ReadAll(ModelWeights saved, string name, out int width)
    {
        if (!saved.TryFind(name, out var info)) throw new InvalidOperationException($"{name} is missing");
        int[] shape = [.. info.Shape.Select(size => checked((int)size))];
        width = shape[^1];
        var values = new float[info.ElementCount];
        saved.Read(new Parameter(name, shape.Length == 1 ? ParameterKind.Bias : ParameterKind.Embedding, shape), values);
        return values;
    }
}
