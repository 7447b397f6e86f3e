using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Scalar;
using SqueezeBert.Kernels.Search;
using SqueezeBert.Memory;

namespace SqueezeBert.Retrieval;

/// <summary>A query in the number formats of an index, which computes its scores. Only one search at a time may use it.</summary>
internal sealed unsafe class PreparedQuery : IDisposable
{
    /// <summary>The number of rows that are scored at a time.</summary>
    public const int BlockRows = 256;

    private readonly int _dimensions;
    private readonly NativeBuffer _memory = new();
    private readonly int _width;
    private float _scale;
    private Int8Query _int8;

    /// <param name="dimensions">The number of components of a vector.</param>
    public PreparedQuery(int dimensions)
    {
        _dimensions = dimensions;
        _width = (int)VectorSection.Align(dimensions, Int8Dots.RowMultiple);
        _memory.Reserve((_width * (sizeof(float) + sizeof(sbyte) + sizeof(short))) + (_width / 8));
    }

    private float* Floats => _memory.Floats;

    private short* Words => (short*)(Floats + _width);

    private ulong* Bits => (ulong*)(Words + _width);

    private sbyte* Bytes => (sbyte*)(Bits + (_width / 64));

    /// <summary>Sets the query.</summary>
    /// <exception cref="ArgumentException">A component is not finite.</exception>
    public void Set(ReadOnlySpan<float> vector)
    {
        // What fills a row beyond its components is zero from the beginning.
        VectorForms.Normalize(vector, new Span<float>(Floats, _dimensions));
        var unit = new ReadOnlySpan<float>(Floats, _dimensions);
        _scale = VectorForms.ToBytes(unit, new Span<sbyte>(Bytes, _dimensions));
        VectorForms.ToBits(unit, new Span<ulong>(Bits, _width / 64));
        var sum = 0;
        for (var i = 0; i < _dimensions; i++)
        {
            Words[i] = Bytes[i];
            sum += Bytes[i];
        }

        _int8 = new Int8Query(Bytes, Words, _width, sum);
    }

    /// <summary>
    /// Computes the scores of consecutive rows. The score of a row does not depend on the other rows. <see cref="Finish"/> converts scores
    /// without changing their order.
    /// </summary>
    /// <param name="file">The first byte of the file.</param>
    /// <param name="section">The section with its vectors.</param>
    /// <param name="first">The first row.</param>
    /// <param name="count">The number of rows, at most <see cref="BlockRows"/>.</param>
    /// <param name="scores">[count].</param>
    public void Score(byte* file, VectorSection section, int first, int count, float* scores)
    {
        var rows = file + section.Offset + ((long)first * section.RowBytes);
        switch (section.Precision)
        {
            case VectorPrecision.Float32:
                Float32Dots.Run(InstructionSets.Selected, Floats, section.Width, (float*)rows, count, scores);
                for (var i = 0; i < count; i++) scores[i] = InRange(scores[i]);
                break;
            case VectorPrecision.Int8:
                // A sum takes the place that its score has.
                Int8Dots.Run(Int8Dots.Selected, _int8, (sbyte*)rows, count, (int*)scores);
                var scales = (float*)(file + section.ScalesOffset) + first;
                for (var i = 0; i < count; i++) scores[i] = InRange(((int*)scores)[i] * (_scale * scales[i]));
                break;
            default:
                SignDistances.Run(InstructionSets.Selected, Bits, section.Width / 64, (ulong*)rows, count, (int*)scores);
                for (var i = 0; i < count; i++) scores[i] = _dimensions - (2 * ((int*)scores)[i]);
                break;
        }
    }

    /// <summary>Converts a score to the form for users. The score of bits becomes a share.</summary>
    public float Finish(VectorSection section, float score) =>
        section.Precision == VectorPrecision.Bits ? InRange(score / _dimensions) : score;

    public void Dispose() => _memory.Dispose();

    // Rounding may lead a little out of it. NaN stays.
    private static float InRange(float score) => ScalarMath.Min(1f, ScalarMath.Max(-1f, score));
}
