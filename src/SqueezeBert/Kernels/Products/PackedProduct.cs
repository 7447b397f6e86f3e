namespace SqueezeBert.Kernels.Products;

/// <summary>
/// The right-hand matrix [k, n] of a product, packed in some precision, and how rows are multiplied by it: all that an inference plan knows
/// of a precision, together with <see cref="RowFormat"/>. float32 is <see cref="PackedMatrix"/>. Products may be called by several threads
/// at a time.
/// </summary>
internal abstract unsafe class PackedProduct(int rows, int columns)
{
    /// <summary>k, the length of the sums.</summary>
    public int Rows { get; } = rows;

    /// <summary>n, the number of outputs.</summary>
    public int Columns { get; } = columns;

    /// <summary>Pieces of the columns that threads may share; how they are shared does not show in the result.</summary>
    public abstract int PanelCount { get; }

    /// <summary>How the rows that are multiplied must lie in memory.</summary>
    public abstract RowFormat InputFormat { get; }

    /// <summary>Whether a result may take the place of its residual at full speed.</summary>
    public abstract bool CanOverwriteResidual { get; }

    /// <summary>
    /// The product that is usually needed after this one, whose <see cref="Start"/> is fetched into the cache meanwhile; it must live as
    /// long as this one.
    /// </summary>
    public PackedProduct? Next { get; set; }

    /// <summary>What is read first, once the product is used.</summary>
    public abstract byte* Start { get; }

    /// <summary>The bytes from <see cref="Start"/> on that are worth asking for.</summary>
    public abstract nint StartByteCount { get; }

    /// <summary>Copies B, B[i][j] = source[i·kStride + j·nStride], over what was packed before.</summary>
    public abstract void Pack(float* source, nint kStride, nint nStride);

    /// <summary>Whether <see cref="PackIntegers"/> is there.</summary>
    public virtual bool TakesIntegers => false;

    /// <summary>As <see cref="Pack"/>, of weights that are integers already: B[i][j] = scales[j]·columns[j·stride + i].</summary>
    public virtual void PackIntegers(sbyte* columns, nint stride, float* scales) => throw new NotSupportedException();

    /// <summary>output = activation(input·B + bias) + residual for the columns of the given panels.</summary>
    /// <param name="input">Rows of k elements in <see cref="InputFormat"/>.</param>
    /// <param name="firstPanel">The first panel.</param>
    /// <param name="panelCount">The number of panels.</param>
    /// <param name="output">The whole result [rows, n], of which other panels are not touched.</param>
    /// <param name="epilogue">Bias and residual are those of the whole result.</param>
    public abstract void Multiply(EncodedRows input, int firstPanel, int panelCount, Matrix output, in Epilogue epilogue);
}
