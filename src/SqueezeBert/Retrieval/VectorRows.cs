using System.Runtime.InteropServices;

namespace SqueezeBert.Retrieval;

/// <summary>
/// Writes vectors in one number format. Rows are written to a file, and the scales of int8 to another file until their place is known.
/// </summary>
internal sealed class VectorRows
{
    private readonly VectorPrecision _precision;
    private readonly FileStream _rows;
    private readonly FileStream? _scales;
    private readonly byte[] _row;

    /// <param name="precision">The number format.</param>
    /// <param name="dimensions">The number of components of a vector.</param>
    /// <param name="rows">The file for the rows.</param>
    /// <param name="openPart">Opens a file for the scales.</param>
    public VectorRows(VectorPrecision precision, int dimensions, FileStream rows, Func<FileStream> openPart)
    {
        _precision = precision;
        _rows = rows;
        _row = new byte[VectorSection.Behind(0, precision, dimensions, 0).RowBytes];
        if (precision == VectorPrecision.Int8) _scales = openPart();
    }

    /// <summary>Adds a vector of length 1.</summary>
    public void Add(ReadOnlySpan<float> unit)
    {
        switch (_precision)
        {
            case VectorPrecision.Float32:
                unit.CopyTo(MemoryMarshal.Cast<byte, float>(_row.AsSpan()));
                break;
            case VectorPrecision.Int8:
                var scale = VectorForms.ToBytes(unit, MemoryMarshal.Cast<byte, sbyte>(_row.AsSpan())[..unit.Length]);
                _scales!.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<float>(in scale)));
                break;
            default:
                VectorForms.ToBits(unit, MemoryMarshal.Cast<byte, ulong>(_row.AsSpan()));
                break;
        }

        _rows.Write(_row);
    }

    /// <summary>Writes rows and scales to their places.</summary>
    /// <param name="file">The whole file, which ends where the previous section ends. It may already contain the rows.</param>
    /// <param name="section">The section to which they belong.</param>
    public void Finish(FileStream file, VectorSection section)
    {
        if (_rows != file)
        {
            FillTo(file, section.Offset);
            Append(_rows, file);
        }

        if (_scales is null) return;
        FillTo(file, section.ScalesOffset);
        Append(_scales, file);
    }

    /// <summary>Writes zeros up to an offset.</summary>
    public static void FillTo(FileStream file, long offset) => file.Write(new byte[offset - file.Position]);

    /// <summary>Appends all of a part to the file.</summary>
    public static void Append(FileStream part, FileStream file)
    {
        part.Position = 0;
        part.CopyTo(file, 1 << 16);
    }
}
