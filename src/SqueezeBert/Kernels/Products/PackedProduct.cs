namespace SqueezeBert.Kernels.Products;

/// <summary>
/// The right-hand matrix [k, n] of a product, packed in some precision, and the multiplication of rows by it. Together with
/// <see cref="RowFormat"/>, it is all that an inference plan knows about a precision. <see cref="PackedMatrix"/> is the one for float32.
/// Several threads may call products at the same time.
/// </summary>
internal abstract unsafe class PackedProduct(int rows, int columns)
{
    /// <summary>The number of rows k, which is the length of the sums.</summary>
    public int Rows { get; } = rows;

    /// <summary>The number of columns n, which is the number of outputs.</summary>
    public int Columns { get; } = columns;

    /// <summary>The number of parts of the columns that threads may share. The result does not depend on how they are shared.</summary>
    public abstract int PanelCount { get; }

    /// <summary>The memory format of the rows that are multiplied.</summary>
    public abstract RowFormat InputFormat { get; }

    /// <summary>Whether a result may overwrite its residual at full speed.</summary>
    public abstract bool CanOverwriteResidual { get; }

    /// <summary>
    /// The product that is usually needed after this one. Its <see cref="Start"/> is prefetched into the cache meanwhile. It must exist as
    /// long as this one.
    /// </summary>
    public PackedProduct? Next { get; set; }

    /// <summary>The address that is read first when the product is used.</summary>
    public abstract byte* Start { get; }

    /// <summary>The number of bytes from <see cref="Start"/> that are worth prefetching.</summary>
    public abstract nint StartByteCount { get; }

    /// <summary>Copies B, where B[i][j] = source[i·kStride + j·nStride], and replaces what was packed before.</summary>
    public abstract void Pack(float* source, nint kStride, nint nStride);

    /// <summary>Whether <see cref="PackIntegers"/> is supported.</summary>
    public virtual bool TakesIntegers => false;

    /// <summary>Like <see cref="Pack"/>, for weights that are already integers: B[i][j] = scales[j]·columns[j·stride + i].</summary>
    public virtual void PackIntegers(sbyte* columns, nint stride, float* scales) => throw new NotSupportedException();

    /// <summary>output = activation(input·B + bias) + residual for the columns of the given panels.</summary>
    /// <param name="input">The rows of k elements, in <see cref="InputFormat"/>.</param>
    /// <param name="firstPanel">The first panel.</param>
    /// <param name="panelCount">The number of panels.</param>
    /// <param name="output">The whole result [rows, n]. Its other panels are not changed.</param>
    /// <param name="epilogue">The epilogue. Its bias and residual are those of the whole result.</param>
    public abstract void Multiply(EncodedRows input, int firstPanel, int panelCount, Matrix output, in Epilogue epilogue);
}
