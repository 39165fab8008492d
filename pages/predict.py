import streamlit as st
st.title('predict')
st.write(st.context.theme.type, str(st.query_params))
st.button('x', type='primary')
st.html('<svg viewBox="0 0 100 40" width="200"><rect x="2" y="2" width="50" height="20" fill="none" stroke="currentColor"/><text x="5" y="15" font-size="10" fill="currentColor">x₀ Wᵀ</text></svg>')

